import type { SessionSource } from './driver.ts'
import { closedError } from './errors.ts'
import { leaseInstance } from './instances.ts'
import type { DuckDbOptions, InstanceLease } from './instances.ts'
import { Session } from './session.ts'

const KEPT_IDLE = 4

/** The connections of one warehouse: one per statement that runs at the same time; a few are kept for reuse. */
export class SessionPool implements SessionSource {
  readonly inTransaction = false
  readonly #lease: InstanceLease
  readonly #idle: Session[] = []
  readonly #all = new Set<Session>()
  #closed = false

  private constructor(lease: InstanceLease) {
    this.#lease = lease
  }

  static async open(options: DuckDbOptions): Promise<SessionPool> {
    return new SessionPool(await leaseInstance(options))
  }

  async acquire(): Promise<Session> {
    if (this.#closed) throw closedError()
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const connection = await this.#lease.instance.connect()
    const session = new Session(connection)
    this.#all.add(session)
    return session
  }

  /** Returns a session to the pool; `discard` closes it, because it has state of its own such as temporary tables. */
  release(session: Session, discard: boolean = false): void {
    if (!discard && !this.#closed && this.#idle.length < KEPT_IDLE) {
      this.#idle.push(session)
      return
    }
    this.#all.delete(session)
    void session.close()
  }

  /** Stops what runs, disconnects and releases the instance. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#all].map((session) => session.close()))
    this.#all.clear()
    this.#lease.release()
  }
}
