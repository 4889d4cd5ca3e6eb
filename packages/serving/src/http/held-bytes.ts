import { Problem } from './problem.ts'

/** Bytes in memory for all requests together. */
export interface Held {
  readonly bytes: number
  /** Counts more bytes; false, and nothing counted, when that would go over the limit. */
  take(bytes: number): boolean
  /** Counts bytes that cannot be refused any more. */
  add(bytes: number): void
  give(bytes: number): void
  full(): boolean
  /** The 503 problem for what does not fit. */
  refusal(): Problem
}

/** @param what what is held, as the refusal names it, such as "request bodies" */
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
    refusal: () =>
      new Problem(
        503,
        'OVERLOADED',
        `${what} of all requests together hold ${limit} bytes, the limit; try again shortly`,
        { retryAfter: 1 },
      ),
  }
}
