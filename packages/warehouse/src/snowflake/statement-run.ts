import type { Connection, FileAndStageBindStatement, RowStatement } from 'snowflake-sdk'
import type { MartletError } from '../errors.ts'
import { cancelled, sqlError, timedOut } from './errors.ts'

/** How long a cancelled statement may take to end before it is left behind, with its session. */
export const CANCEL_GRACE_MS = 5000

type Binds = readonly (string | null)[] | readonly (readonly (string | null)[])[]

export interface StatementToRun {
  readonly sql: string
  /** The values of one row, or of many rows for an INSERT. */
  readonly binds: Binds
  /** Asks for the columns of the result only; the statement does not run. */
  readonly describeOnly?: boolean
}

export interface RunLimits {
  readonly seconds: number
  readonly signal: AbortSignal | undefined
}

/** A statement that Snowflake runs. The SDK repeats a request up to 1000 times, so the deadline is kept here. */
export class StatementRun {
  readonly done: Promise<RowStatement>
  /** It took too long, or did not end when it was cancelled: its session is not used again. */
  overdue = false
  readonly #running: RowStatement | FileAndStageBindStatement
  readonly #giveUp: (reason: MartletError) => void
  #reason: MartletError | undefined
  #timer: NodeJS.Timeout

  constructor(connection: Connection, { sql, binds, describeOnly }: StatementToRun, { seconds, signal }: RunLimits) {
    const { promise, resolve, reject } = Promise.withResolvers<RowStatement>()
    this.#giveUp = reject
    this.#running = connection.execute({
      sqlText: sql,
      ...(binds.length === 0
        ? {}
        : { binds: binds.map((bind) => (Array.isArray(bind) ? [...bind] : bind)) as (string | null)[] }),
      streamResult: true,
      rowMode: 'array',
      fetchAsString: ['Number'],
      ...(describeOnly === true ? { describeOnly } : {}),
      complete: (error, done) => {
        if (error == null && 'streamRows' in done) resolve(done)
        else reject(this.#reason ?? sqlError(error, sql))
      },
    })
    this.#timer = setTimeout(() => {
      this.overdue = true
      this.stop(timedOut(sql, seconds, 'the statement'))
    }, seconds * 1000)
    const onAbort = (): void => this.stop(cancelled(sql, signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    this.done = promise.finally(() => {
      clearTimeout(this.#timer)
      signal?.removeEventListener('abort', onAbort)
    })
  }

  /** Cancels the statement, which then rejects with this reason. */
  stop(reason: MartletError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    if ('cancel' in this.#running) this.#running.cancel(() => undefined)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.overdue = true
      this.#giveUp(reason)
    }, CANCEL_GRACE_MS)
  }
}
