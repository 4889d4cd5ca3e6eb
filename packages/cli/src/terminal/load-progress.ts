import process from 'node:process'
import type { Terminal } from './terminal.ts'
import { grouped } from './words.ts'

/** Milliseconds. */
const PLAIN_EVERY = 5000

/** Reports how far a load is: a line that redraws itself on a terminal, a line every five seconds, or events. */
export function loadProgress(
  terminal: Terminal,
  stream: { write(text: string): unknown; readonly isTTY?: boolean } = process.stderr,
): (name: string, read: number, of: number) => void {
  let last = 0
  return (name, read, of) => {
    if (terminal.events) return terminal.event({ type: 'load', load: name, read, of })
    const done = read >= of
    const text = `${name}  ${grouped(read)} of ${grouped(of)} rows`
    if (stream.isTTY === true) return void stream.write(done ? '\r\u001b[2K' : `\r\u001b[2K${text}`)
    const now = Date.now()
    if (done || (read > 0 && now - last < PLAIN_EVERY)) return
    last = now
    stream.write(`${text}\n`)
  }
}
