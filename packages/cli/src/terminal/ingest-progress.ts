import process from 'node:process'
import type { DrainProgress } from '@martlet/feature-store'
import type { Terminal } from './terminal.ts'
import { grouped } from './words.ts'

/** Milliseconds. */
const PLAIN_EVERY = 5000

/** Reports how far events are: a line that redraws itself on a terminal, a line every five seconds, or events. */
export function ingestProgress(
  terminal: Terminal,
  stream: { write(text: string): unknown; readonly isTTY?: boolean } = process.stderr,
): (progress: DrainProgress) => void {
  let last = Date.now()
  return ({ source, position, lag, events, rejected }) => {
    if (terminal.events)
      return terminal.event({ type: 'ingest', source, position: Number(position), lag: Number(lag), events, rejected })
    const text = `${source}  ${grouped(events)} events, ${grouped(lag)} waiting`
    if (stream.isTTY === true) return void stream.write(lag === 0n ? '\r\u001b[2K' : `\r\u001b[2K${text}`)
    const now = Date.now()
    if (now - last < PLAIN_EVERY) return
    last = now
    stream.write(`${text}\n`)
  }
}
