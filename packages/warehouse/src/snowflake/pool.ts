import type { MartletError } from '../errors.ts'
import type { SessionSource } from './driver.ts'
import { closedError, sessionsExhausted } from './errors.ts'
import { login } from './login.ts'
import { sessionSettings } from './options.ts'
import type { SessionSettings, SnowflakeOptions } from './options.ts'
import { Session } from './session.ts'
import { settingsStatement } from './settings-statement.ts'

const KEPT_IDLE = 4

/** A caller that waits for a session, or for permission to open one. */
interface Waiter {
  readonly give: (session: Session | undefined) => void
  readonly refuse: (error: MartletError) => void
}

/** The sessions of one warehouse: one per statement that runs at the same time, up to a limit; a few are kept for reuse. */
export class SessionPool implements SessionSource {
  readonly inTransaction = false
  readonly #options: SnowflakeOptions
  readonly #settings: SessionSettings
  readonly #idle: Session[] = []
  readonly #all = new Set<Session>()
  readonly #waiting: Waiter[] = []
  #taken = 0
  #closed = false

  private constructor(options: SnowflakeOptions) {
    this.#options = options
    this.#settings = sessionSettings(options)
  }

  /** Logs in once, so that wrong credentials are noticed here. */
  static async open(options: SnowflakeOptions): Promise<SessionPool> {
    const pool = new SessionPool(options)
    pool.release(await pool.acquire())
    return pool
  }

  /**
   * A session for the caller alone; when all are in use, callers wait in order.
   * @throws MartletError SESSIONS_EXHAUSTED when none became free in time
   */
  async acquire(): Promise<Session> {
    if (this.#closed) throw closedError()
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#taken < this.#settings.maxSessions) this.#taken++
    else {
      const given = await this.#turn()
      if (given !== undefined) return given
    }
    return this.#open()
  }

  release(session: Session, discard: boolean = false): void {
    const usable = !discard && !session.tainted && !this.#closed
    const next = this.#waiting.shift()
    if (usable && next !== undefined) return next.give(session)
    if (usable && this.#idle.length < KEPT_IDLE) {
      this.#idle.push(session)
      return
    }
    this.#all.delete(session)
    this.#vacate(next)
    void session.close()
  }

  // The caller already counts among `maxSessions`.
  async #open(): Promise<Session> {
    let session: Session
    try {
      session = new Session(await login(this.#options), this.#settings)
    } catch (error) {
      this.#vacate(this.#waiting.shift())
      throw error
    }
    this.#all.add(session)
    try {
      if (this.#closed) throw closedError()
      await session.run({ sql: settingsStatement(this.#settings), parameters: [] })
    } catch (error) {
      this.release(session, true)
      throw error
    }
    session.tainted = false
    return session
  }

  #vacate(next: Waiter | undefined): void {
    if (next === undefined) this.#taken--
    else next.give(undefined)
  }

  #turn(): Promise<Session | undefined> {
    const { networkSeconds, maxSessions } = this.#settings
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(sessionsExhausted(maxSessions, networkSeconds))
      }, networkSeconds * 1000)
      const waiter: Waiter = {
        give: (session) => {
          clearTimeout(timer)
          resolve(session)
        },
        refuse: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      this.#waiting.push(waiter)
    })
  }

  /** Cancels what runs and logs all sessions out. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(closedError())
    await Promise.all([...this.#all].map((session) => session.close()))
    this.#all.clear()
  }
}
