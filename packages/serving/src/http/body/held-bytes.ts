import { Problem } from '../../desk/problem.ts'

/** Bytes in memory for all requests together. */
export interface Held {
  readonly bytes: number
  /** Counts more bytes. Returns false, and counts nothing, when they would exceed the limit. */
  take(bytes: number): boolean
  /** Counts bytes that can no longer be refused. */
  add(bytes: number): void
  give(bytes: number): void
  full(): boolean
  /** The 503 problem for what does not fit. */
  refusal(): Problem
}

/** @param what what is held, as the refusal names it, such as "Request bodies" */
export function heldBytes(what: string, limit: number): Held {
  let held = 0
  return {
    get bytes() {
      return held
    },
    take(bytes) {
      if (held + bytes > limit) return false
      held += bytes
      return true
    },
    add(bytes) {
      held += bytes
    },
    give(bytes) {
      held -= bytes
    },
    full: () => held >= limit,
    refusal() {
      const detail = `${what} of all requests together hold ${limit} bytes, the limit. Try again shortly.`
      return new Problem(503, 'OVERLOADED', detail, { retryAfter: 1 })
    },
  }
}
