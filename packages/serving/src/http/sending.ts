import type { LentBytes } from '../desk/json/answer-memory.ts'
import type { Held } from './body/held-bytes.ts'
import type { Reply } from './call/reply.ts'

/** An answer from when it was given to the connection until it has left. */
export class Sending {
  /** Milliseconds of the clock of `performance`. */
  readonly since: number
  readonly #bytes: number
  readonly #lent: LentBytes | undefined
  #unsent: Held | undefined

  constructor(reply: Reply, now: number) {
    this.since = now
    this.#bytes = reply.body.length
    this.#lent = reply.lent
  }

  /** From now on its bytes count as not read. */
  count(unsent: Held): void {
    this.#unsent = unsent
    unsent.add(this.#bytes)
  }

  end(): void {
    this.#unsent?.give(this.#bytes)
    this.#lent?.giveBack()
  }
}
