import type { Principal } from './principal.ts'
import type { Work } from './turns.ts'

/** What a request is about: names of things that exist and numbers of rows, never a value that came with it. */
export interface Subject {
  readonly service?: string
  readonly views?: readonly string[]
  readonly model?: string
  readonly version?: number
  readonly job?: string
  readonly source?: string
  readonly rows?: number
}

/** Where facts about a request go that is traced. */
export interface RequestTrace {
  note(attributes: Readonly<Record<string, string | number>>): void
}

/** One request as the desk sees it, whatever protocol it came through. */
export interface RequestContext {
  readonly principal: Principal
  readonly requestId: string
  /** The trace that the request belongs to, in the hexadecimal of W3C Trace Context; undefined when it names none. */
  readonly traceId: string | undefined
  /** Undefined when nobody traces the request. */
  readonly trace: RequestTrace | undefined
  /** Begins long work: whoever begins it waits for a turn before every step and ends it. */
  begin(): Work
  /**
   * Called between steps, so that nothing is computed for a caller who no longer waits.
   *
   * @throws Problem when the deadline has passed, the caller has hung up, or too many answers are unread
   */
  check(): void
  /** Says what the request is about, for the audit; later facts are added to earlier ones. */
  about(subject: Subject): void
}
