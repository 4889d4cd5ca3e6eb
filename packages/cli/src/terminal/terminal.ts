import process from 'node:process'
import { visibleText } from '@martlet/warehouse/visible-text'
import { painter, printable, type Paint } from './paint.ts'

export interface TerminalOptions {
  /** One JSON document on stdout, and nothing else there. */
  readonly json?: boolean
  /** Progress as JSON lines on stderr; implied by `json`. */
  readonly events?: boolean
  readonly verbose?: boolean
}

/** Where a command writes: its answer to stdout, progress to stderr. */
export interface Terminal {
  readonly json: boolean
  readonly events: boolean
  readonly verbose: boolean
  /** Whether a person can be asked. */
  readonly interactive: boolean
  readonly width: number
  readonly paint: Paint
  /** Prints the answer, or a part of it, for people. */
  say(text: string): void
  /** Prints one JSON document, the answer for machines. */
  answer(document: object): void
  /** Reports progress to people; silent with `json` or `events`. */
  note(text: string): void
  /** Reports progress to machines; silent unless `json` or `events`. */
  event(event: object): void
}

export function openTerminal({ json = false, events = false, verbose = false }: TerminalOptions): Terminal {
  const machine = json || events
  return {
    json,
    events: machine,
    verbose,
    interactive: !json && process.stdin.isTTY && process.stderr.isTTY,
    width: process.stdout.columns ?? (Number(process.env['COLUMNS']) || 100),
    paint: painter(json ? {} : process.stdout),
    say: (text) => void process.stdout.write(`${printable(text)}\n`),
    answer: (document) => void process.stdout.write(`${jsonText(document)}\n`),
    note: (text) => void (machine || process.stderr.write(`${printable(text)}\n`)),
    event: (event) => void (machine && process.stderr.write(`${jsonText(event)}\n`)),
  }
}

/** JSON in which whole numbers beyond 2^53 are text, and every control character is escaped. */
export function jsonText(value: unknown, indent?: number): string {
  return visibleText(
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner), indent),
  )
}
