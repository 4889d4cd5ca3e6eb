import { MartletError } from '../errors.ts'
import type { SessionSource } from './driver.ts'
import type { Session } from './session.ts'

/** The one session of a transaction or of `session`, until that ends. */
export class SingleSession implements SessionSource {
  readonly #session: Session
  readonly inTransaction: boolean
  #ended = false

  constructor(session: Session, inTransaction: boolean) {
    this.#session = session
    this.inTransaction = inTransaction
  }

  async acquire(): Promise<Session> {
    if (this.#ended)
      throw new MartletError(
        'TRANSACTION_ENDED',
        'The transaction or session of this warehouse has ended. Use the warehouse it came from.',
      )
    return this.#session
  }

  release(): void {}

  end(): void {
    this.#ended = true
  }
}
