import type { SessionSource } from './driver.ts'
import { closedError } from './errors.ts'
import { login } from './login.ts'
import { sessionSettings } from './options.ts'
import type { SnowflakeOptions } from './options.ts'
import { Session } from './session.ts'
import { settingsStatement } from './settings-statement.ts'

const KEPT_IDLE = 4

/** The sessions of one warehouse: one for each statement that runs at the same time, a few kept, for a login takes long. */
export class SessionPool implements SessionSource {
  readonly inTransaction = false
  readonly #options: SnowflakeOptions
  readonly #idle: Session[] = []
  readonly #all = new Set<Session>()
  #closed = false

  private constructor(options: SnowflakeOptions) {
    this.#options = options
  }

  /** Logs in once, so that wrong credentials show here. */
  static async open(options: SnowflakeOptions): Promise<SessionPool> {
    const pool = new SessionPool(options)
    pool.release(await pool.acquire())
    return pool
  }

  async acquire(): Promise<Session> {
    if (this.#closed) throw closedError()
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const settings = sessionSettings(this.#options)
    const session = new Session(await login(this.#options), settings)
    this.#all.add(session)
    try {
      if (this.#closed) throw closedError()
      await session.run({ sql: settingsStatement(settings), parameters: [] })
    } catch (error) {
      this.release(session, true)
      throw error
    }
    session.tainted = false
    return session
  }

  release(session: Session, discard: boolean = false): void {
    if (!discard && !session.tainted && !this.#closed && this.#idle.length < KEPT_IDLE) {
      this.#idle.push(session)
      return
    }
    this.#all.delete(session)
    void session.close()
  }

  /** Cancels what runs and logs out. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#all].map((session) => session.close()))
    this.#all.clear()
  }
}
