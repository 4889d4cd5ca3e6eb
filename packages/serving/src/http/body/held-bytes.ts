import { Problem } from '../../desk/problem.ts'

/** Bytes in memory for all requests together, of which no caller may hold too many. */
export interface HeldBytes {
  readonly bytes: number
  /** What the requests of one caller hold. */
  of(caller: string): Held
}

/** Bytes in memory for the requests of one caller. */
export interface Held {
  /** Counts more bytes. Returns false, and counts nothing, when they would exceed a limit. */
  take(bytes: number): boolean
  /** Counts bytes that can no longer be refused. */
  add(bytes: number): void
  give(bytes: number): void
  full(): boolean
  /**
   * The 503 problem for what does not fit.
   *
   * @param bytes of the piece that was refused. @default any piece
   */
  refusal(bytes?: number): Problem
}

/**
 * @param what what is held, as the refusal names it, such as "Request bodies"
 * @param limit bytes of all callers together. One of several callers may hold half of them, so that it leaves room for the others
 * @param hasSeveral whether several callers can be distinguished
 */
export function heldBytes(what: string, limit: number, hasSeveral: () => boolean): HeldBytes {
  const byCaller = new Map<string, number>()
  let all = 0
  const share = (): number => (hasSeveral() ? Math.floor(limit / 2) : limit)

  class Caller implements Held {
    readonly #caller: string

    constructor(caller: string) {
      this.#caller = caller
    }

    get #own(): number {
      return byCaller.get(this.#caller) ?? 0
    }

    take(bytes: number): boolean {
      if (all + bytes > limit || this.#own + bytes > share()) return false
      this.add(bytes)
      return true
    }

    add(bytes: number): void {
      all += bytes
      byCaller.set(this.#caller, this.#own + bytes)
    }

    give(bytes: number): void {
      all -= bytes
      const own = this.#own - bytes
      if (own > 0) byCaller.set(this.#caller, own)
      else byCaller.delete(this.#caller)
    }

    full(): boolean {
      return all >= limit || this.#own >= share()
    }

    refusal(bytes = 1): Problem {
      const whose =
        all + bytes <= limit && hasSeveral() ? `one caller hold ${share()}` : `all requests together hold ${limit}`
      return new Problem(503, 'OVERLOADED', `${what} of ${whose} bytes, the limit. Try again shortly.`, {
        retryAfter: 1,
      })
    }
  }

  return {
    get bytes() {
      return all
    },
    of: (caller) => new Caller(caller),
  }
}
