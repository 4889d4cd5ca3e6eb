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

const plainEvery = 5
const barWidth = 24

/** Draws what `materialize` tells: pass it as `onProgress`. */
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
      // The chunks say how far it is; in a plain log their lines are enough.
      if (event.step === 'compute' && chunk?.view === event.view) {
        if (terminal && event.seconds >= 1) draw(`${chunkText(chunk, true)}  next chunk ${timeText(event.seconds)}`)
        else if (!terminal && event.seconds - lastStep >= plainEvery) line(stepText(event))
        if (event.seconds - lastStep >= plainEvery) lastStep = event.seconds
      } else if (terminal) draw(stepText(event))
      else if (began ? event.step !== 'plan' && event.step !== 'swap' : event.seconds - lastStep >= plainEvery) {
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
    if (!last && event.seconds - lastPlain < plainEvery) return
    lastPlain = last ? 0 : event.seconds
    line(chunkText(event, false))
  }
}

function stepText({ view, step, from, to, seconds }: Step): string {
  const range = from === null || to === null ? '' : ` ${short(from)} to ${short(to)}`
  return `${view}  ${stepWords[step]}${range}${seconds < 1 ? '' : `  ${timeText(seconds)}`}`
}

const stepWords: Readonly<Record<Step['step'], string>> = {
  plan: 'planning',
  check: 'checking source rows',
  compute: 'computing',
  swap: 'putting the rebuilt table in place',
  publish: 'publishing',
}

function eventLines(event: Exclude<MaterializeEvent, Chunk | Step>): readonly string[] {
  switch (event.type) {
    case 'plan': {
      const range =
        event.from === null || event.to === null
          ? ''
          : ` ${short(event.from)} to ${short(event.to)}, ${countText(event.instants)} instants, about ${countText(event.estimatedRows)} rows`
      return [`${event.view}  ${event.action}${range}: ${event.reason}`]
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
      return event.seconds === 0
        ? []
        : [
            `${event.view}  done: ${countText(event.rows)} rows in ${event.seconds.toFixed(1)} s${event.newest === null ? '' : `, newest row ${short(event.newest)}`}${event.watermark === null ? '' : `, complete before ${short(event.watermark)}`}`,
          ]
  }
}

function chunkText(event: Chunk, bar: boolean): string {
  const [from, to, done] = [toMicros(event.from), toMicros(event.to), toMicros(event.done)]
  const share = to === from ? 1 : Number(done - from) / Number(to - from)
  const rate = event.seconds > 0 ? event.rows / event.seconds : 0
  const left = share > 0 ? (event.seconds * (1 - share)) / share : 0
  const full = Math.round(share * barWidth)
  const drawing = bar ? `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ` : ''
  return `${event.view}  ${drawing}${Math.floor(share * 100)}%  ${countText(event.rows)} rows  before ${short(event.done)}  ${countText(rate)} rows/s  ${share < 1 ? `${timeText(left)} left` : timeText(event.seconds)}`
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

function short(instant: string): string {
  return shortInstant(toMicros(instant))
}
