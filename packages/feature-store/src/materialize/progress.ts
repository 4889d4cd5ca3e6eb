import { visibleText } from '@martlet/warehouse'
import { shortInstant, toMicros } from '../catalog/instant.ts'
import { findingText } from '../quality/finding.ts'
import type { MaterializeEvent } from './events.ts'
import { countText } from './plan-text.ts'

export interface ProgressOptions {
  /** Where to write; a terminal gets a bar that redraws itself, anything else plain lines. @default process.stderr */
  readonly stream?: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  /** Writes every event as one line of JSON instead. */
  readonly json?: boolean
}

type Chunk = Extract<MaterializeEvent, { type: 'chunk' }>
type Step = Extract<MaterializeEvent, { type: 'step' }>

/** Seconds between two plain lines of progress. */
const PLAIN_EVERY = 5
const BAR_WIDTH = 24

/** Draws the progress of `materialize`; pass it as `onProgress`. */
export function progressReporter(options: ProgressOptions = {}): (event: MaterializeEvent) => void {
  const { stream = process.stderr, json = false } = options
  const terminal = stream.isTTY === true
  let drawn = false
  let lastPlain = 0
  let chunk: Chunk | undefined
  let step: Step | undefined
  let lastStep = 0
  const draw = (text: string): void => {
    stream.write(`\r\u001b[2K${visibleText(text).slice(0, (stream.columns ?? 120) - 1)}`)
    drawn = true
  }
  const line = (text: string): void => {
    stream.write(`${drawn ? '\r\u001b[2K' : ''}${visibleText(text)}\n`)
    drawn = false
  }
  return (event) => {
    if (json) return void stream.write(`${visibleText(JSON.stringify(event))}\n`)
    if (event.type === 'step') {
      const began = step?.view !== event.view || step.step !== event.step
      step = event
      if (began) lastStep = 0
      // Chunks already report how far it is; in a plain log their lines are enough.
      if (event.step === 'compute' && chunk?.view === event.view) {
        if (terminal && event.seconds >= 1) draw(`${chunkText(chunk, true)}  next chunk ${timeText(event.seconds)}`)
        else if (!terminal && event.seconds - lastStep >= PLAIN_EVERY) line(stepText(event))
        if (event.seconds - lastStep >= PLAIN_EVERY) lastStep = event.seconds
      } else if (terminal) draw(stepText(event))
      else if (began ? event.step !== 'plan' && event.step !== 'swap' : event.seconds - lastStep >= PLAIN_EVERY) {
        lastStep = event.seconds
        line(stepText(event))
      }
      return
    }
    if (event.type !== 'chunk') return eventLines(event).forEach(line)
    const last = event.done === event.to
    chunk = event
    lastStep = 0
    if (terminal) return draw(chunkText(event, true))
    if (!last && event.seconds - lastPlain < PLAIN_EVERY) return
    lastPlain = last ? 0 : event.seconds
    line(chunkText(event, false))
  }
}

function stepText({ view, step, from, to, seconds }: Step): string {
  const range = from === null || to === null ? '' : ` ${short(from)} to ${short(to)}`
  return `${view}  ${STEP_WORDS[step]}${range}${seconds < 1 ? '' : `  ${timeText(seconds)}`}`
}

const STEP_WORDS: Readonly<Record<Step['step'], string>> = {
  plan: 'planning',
  check: 'checking source rows',
  compute: 'computing',
  swap: 'putting the rebuilt table in place',
  publish: 'publishing',
}

function eventLines(event: Exclude<MaterializeEvent, Chunk | Step>): readonly string[] {
  switch (event.type) {
    case 'plan': {
      const { view, action, reason, from, to } = event
      if (from === null || to === null) return [`${view}  ${action}: ${reason}`]
      const size = `${countText(event.instants)} instants, about ${countText(event.estimatedRows)} rows`
      return [`${view}  ${action} ${short(from)} to ${short(to)}, ${size}: ${reason}`]
    }
    case 'quality':
      return [
        ...event.scanned.map((text) => `${event.view}  checked ${text}`),
        ...event.findings.map((finding) => `${event.view}  ${findingText(finding)}`),
      ]
    case 'failed':
      return [`${event.view}  failed: ${event.code}: ${event.message.split('\n')[0]}`]
    case 'swap':
      return [`${event.view}  putting the rebuilt table in place`]
    case 'publish':
      return [`${event.view}  published ${countText(event.rows)} rows`]
    case 'done':
      return event.seconds === 0 ? [] : [doneText(event)]
  }
}

function doneText({ view, rows, seconds, newest, watermark }: Extract<MaterializeEvent, { type: 'done' }>): string {
  const newestText = newest === null ? '' : `, newest row ${short(newest)}`
  const completeText = watermark === null ? '' : `, complete before ${short(watermark)}`
  return `${view}  done: ${countText(rows)} rows in ${seconds.toFixed(1)} s${newestText}${completeText}`
}

function chunkText(event: Chunk, bar: boolean): string {
  const [from, to, done] = [toMicros(event.from), toMicros(event.to), toMicros(event.done)]
  const share = to === from ? 1 : Number(done - from) / Number(to - from)
  const rate = event.seconds > 0 ? event.rows / event.seconds : 0
  const left = share > 0 ? (event.seconds * (1 - share)) / share : 0
  const full = Math.round(share * BAR_WIDTH)
  const drawing = bar ? `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}] ` : ''
  const rows = `${countText(event.rows)} rows  before ${short(event.done)}  ${countText(rate)} rows/s`
  const time = share < 1 ? `${timeText(left)} left` : timeText(event.seconds)
  return `${event.view}  ${drawing}${Math.floor(share * 100)}%  ${rows}  ${time}`
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

function short(instant: string): string {
  return shortInstant(toMicros(instant))
}
