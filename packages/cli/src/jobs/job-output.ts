import { z } from 'zod'

/** Characters of the end of what a job prints that are kept. */
const TAIL_LENGTH = 8_000
/** Of longer answers only the top level is kept, and of longer progress nothing. */
const LONGEST_RESULT = 1_000_000
const LONGEST_PROGRESS = 4_000

const object = z.record(z.string(), z.unknown())
const failed = z.looseObject({ code: z.string(), message: z.string() })

/** What the command of a job answered. */
export interface JobAnswer {
  /** JSON; null when there was no answer. */
  readonly result: string | null
  readonly error: { readonly code: string; readonly message: string } | null
}

/** Collects what a command prints with `--json`: events on stderr, one document on stdout. */
export class JobOutput {
  readonly #redact: (text: string) => string
  #tail = ''
  #progress: string | null = null
  #document: string | undefined
  #changed = false

  /** @param redact takes out what callers must not see */
  constructor(redact: (text: string) => string) {
    this.#redact = redact
  }

  /** A line that was printed. */
  add(line: string, from: 'stdout' | 'stderr'): void {
    const parsed = line.startsWith('{') ? jsonOf(line) : undefined
    if (from === 'stdout' && parsed !== undefined) {
      this.#document = line
      return
    }
    if (line.trim() === '') return
    this.#changed = true
    const clean = parsed === undefined ? this.#redact(line) : JSON.stringify(this.#clean(parsed))
    this.#tail = `${this.#tail}${clean}\n`.slice(-TAIL_LENGTH)
    if (parsed?.['type'] !== undefined && clean.length <= LONGEST_PROGRESS) this.#progress = clean
  }

  /** What is new since the last call; undefined when nothing is. */
  news(): { readonly progress: string | null; readonly log_tail: string } | undefined {
    if (!this.#changed) return undefined
    this.#changed = false
    return this.all()
  }

  all(): { readonly progress: string | null; readonly log_tail: string } {
    return { progress: this.#progress, log_tail: this.#tail }
  }

  answer(): JobAnswer {
    const document = this.#document === undefined ? undefined : jsonOf(this.#document)
    if (document === undefined) return { result: null, error: null }
    const clean = this.#clean(document)
    const { ok: _, command: __, error, ...rest } = object.parse(clean)
    const problem = failed.safeParse(error)
    if (error !== undefined)
      return {
        result: null,
        error: problem.success ? { code: problem.data.code, message: problem.data.message } : UNNAMED,
      }
    const result = JSON.stringify(rest)
    return { result: result.length > LONGEST_RESULT ? JSON.stringify(topLevel(rest)) : result, error: null }
  }

  /** Texts are cleaned one by one: in JSON a secret may be written otherwise. */
  #clean(value: unknown): unknown {
    if (typeof value === 'string') return this.#redact(value)
    if (Array.isArray(value)) return value.map((inner: unknown) => this.#clean(inner))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.#clean(inner)]))
  }
}

const UNNAMED = { code: 'UNEXPECTED', message: 'The command failed without saying why.' }

function topLevel(result: Readonly<Record<string, unknown>>): object {
  const plain = Object.entries(result).filter(([, value]) => typeof value !== 'object' || value === null)
  return { ...Object.fromEntries(plain), truncated: true }
}

function jsonOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return object.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
