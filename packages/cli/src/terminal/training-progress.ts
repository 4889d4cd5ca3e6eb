import process from 'node:process'
import type { TrainingProgress } from '@martlet/feature-store'
import type { Terminal } from './terminal.ts'
import { ageWords } from './words.ts'

/** Seconds. */
const PLAIN_EVERY = 5

/** Reports the progress of a training set: a line that redraws itself on a terminal, a line every five seconds, or events. */
export function trainingProgress(
  terminal: Terminal,
  table: string,
  stream: { write(text: string): unknown; readonly isTTY?: boolean } = process.stderr,
): (progress: TrainingProgress) => void {
  let began = ''
  let lastLine = 0
  return ({ done, of, step, seconds }) => {
    if (terminal.events) return terminal.event({ type: 'step', done, of, step, seconds })
    const what = of === 1 ? step : `step ${Math.min(done + 1, of)} of ${of}: ${step}`
    const text = `${table}  ${what}${seconds < 1 ? '' : `  ${ageWords(seconds * 1000)}`}`
    if (stream.isTTY === true) return void stream.write(done === of ? '\r\u001b[2K' : `\r\u001b[2K${text}`)
    if (done === of) return
    const starts = step !== began
    if (starts) lastLine = 0
    began = step
    if (!starts && seconds - lastLine < PLAIN_EVERY) return
    lastLine = starts ? 0 : seconds
    stream.write(`${text}\n`)
  }
}
