import { StatementType } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api'
import { MartletError } from '../errors.ts'
import type { CompiledSql, RunOptions } from '../warehouse.ts'
import { cancelled, closedError, sqlError } from './errors.ts'
import { bindParameters } from './parameters.ts'

/** The next chunk of a result; null at its end. */
export type FetchChunk = () => Promise<DuckDBDataChunk | null>

const BEGINS = /^\s*(?:BEGIN|START)\b/i

/** One DuckDB connection: statements run one after the other, each can be cancelled, errors are typed. */
export class Session {
  readonly connection: DuckDBConnection
  #last: Promise<unknown> = Promise.resolve()
  /** A chunk that is fetched before it is asked for. */
  #ahead: Promise<unknown> = Promise.resolve()
  #streaming = false
  #inTransaction = false
  #closed = false

  constructor(connection: DuckDBConnection) {
    this.connection = connection
  }

  /**
   * Runs `work` after everything asked before it.
   * @throws MartletError STREAM_OPEN when a stream is open
   */
  async turn<T>(statement: CompiledSql, options: RunOptions, work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(() => {
      if (this.#streaming) throw busy(statement.sql)
      return this.#guard(statement.sql, options.signal, work)
    })
    this.#last = run.catch(() => undefined)
    return run
  }

  /** Runs one statement and keeps its whole result inside DuckDB. */
  run(statement: CompiledSql, options: RunOptions = {}): Promise<DuckDBResult> {
    return this.turn(statement, options, () => this.#prepared(statement, (prepared) => prepared.run()))
  }

  /**
   * Runs one query and yields what `read` makes of its result, in bounded memory. The next chunk is fetched while the caller has
   * the last one: DuckDB has threads of its own.
   *
   * A result whose later rows fail ends like any other, and only its transaction knows. So a stream outside one has its own, and
   * is at its end when a statement after it still works.
   */
  async *stream<T>(
    statement: CompiledSql,
    options: RunOptions,
    read: (result: DuckDBResult, fetch: FetchChunk) => () => Promise<T | null>,
  ): AsyncGenerator<T> {
    const own = !this.#inTransaction
    const result = await this.turn(statement, options, () => this.#open(statement, own))
    let ended = false
    try {
      const next = read(result, this.#fetchAhead(result))
      for (;;) {
        const step = this.#guard(statement.sql, options.signal, next)
        this.#last = step.catch(() => undefined)
        const item = await step
        if (item === null) break
        yield item
      }
      const check = this.#guard(statement.sql, options.signal, () => this.#check(own))
      this.#last = check.catch(() => undefined)
      await check
      ended = true
    } catch (error) {
      throw isAbortedTransaction(error) ? await this.#lateFailure(statement, options.signal, own) : error
    } finally {
      this.#streaming = false
      if (!ended && !this.#closed) {
        if (isAborted(options.signal)) this.connection.interrupt()
        await this.#abandon()
        if (own) await this.#rollBack()
      }
    }
  }

  /** Stops whatever runs and disconnects; later statements fail. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.connection.interrupt()
    await this.#last
    await this.#ahead
    this.connection.disconnectSync()
  }

  async #open(statement: CompiledSql, own: boolean): Promise<DuckDBResult> {
    if (own) await this.connection.run('BEGIN TRANSACTION')
    try {
      const opened = await this.#prepared(statement, (prepared) => prepared.stream())
      this.#streaming = true
      return opened
    } catch (error) {
      if (own) await this.connection.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Why a stream ended early, which DuckDB does not keep: the statement is run once more, and what it returns is thrown away. */
  async #lateFailure(
    { sql, parameters }: CompiledSql,
    signal: AbortSignal | undefined,
    own: boolean,
  ): Promise<MartletError> {
    if (own && !this.#closed) {
      await this.#rollBack()
      const again = { sql: `SELECT max(hash(streamed)) FROM (${sql}\n) AS streamed`, parameters }
      const run = this.#guard(sql, signal, () => this.#prepared(again, (prepared) => prepared.run()))
      this.#last = run.catch(() => undefined)
      const error = await run.then(
        () => undefined,
        (reason: unknown) => sqlError(reason, sql),
      )
      // What is no query, such as INSERT … RETURNING, cannot be read from.
      if (error !== undefined && !error.message.startsWith('Parser Error')) return error
    }
    return new MartletError(
      'SQL_FAILED',
      'A row of the result could not be computed after others had been read. Read the query without streaming to see why.',
      { data: { sql } },
    )
  }

  /** Throws where the transaction was aborted by a row that failed. */
  async #check(own: boolean): Promise<void> {
    await this.connection.run('SELECT 1')
    if (own) await this.connection.run('COMMIT')
  }

  /** Ends the transaction of a stream; when that has ended already, there is nothing to end. */
  async #rollBack(): Promise<void> {
    const run = this.connection.run('ROLLBACK').catch(() => undefined)
    this.#last = run
    await run
  }

  #fetchAhead(result: DuckDBResult): FetchChunk {
    const fetch = (): Promise<DuckDBDataChunk | null> => {
      const chunk = result.fetchChunk()
      this.#ahead = chunk.catch(() => undefined)
      return chunk
    }
    let next: Promise<DuckDBDataChunk | null> | undefined
    return async () => {
      const chunk = await (next ??= fetch())
      if (chunk === null || chunk.rowCount === 0) return null
      next = fetch()
      return chunk
    }
  }

  async #prepared<T>(statement: CompiledSql, work: (prepared: DuckDBPreparedStatement) => Promise<T>): Promise<T> {
    const prepared = await this.connection.prepare(statement.sql)
    try {
      if (prepared.statementType === StatementType.INVALID)
        throw new MartletError('SQL_FAILED', 'The statement is empty. Write one.', { data: { sql: statement.sql } })
      bindParameters(prepared, statement.parameters)
      const done = await work(prepared)
      if (prepared.statementType === StatementType.TRANSACTION) this.#inTransaction = BEGINS.test(statement.sql)
      return done
    } catch (error) {
      // A COMMIT that fails has ended its transaction, too.
      if (prepared.statementType === StatementType.TRANSACTION && !BEGINS.test(statement.sql))
        this.#inTransaction = false
      throw error
    } finally {
      prepared.destroySync()
    }
  }

  async #guard<T>(sql: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError()
    if (isAborted(signal)) throw cancelled(sql, signal?.reason)
    // An interrupt before the engine has begun is lost, so it is repeated until the statement ends.
    let timer: NodeJS.Timeout | undefined
    const interrupt = (): void => {
      this.connection.interrupt()
      timer = setTimeout(interrupt, 5)
    }
    signal?.addEventListener('abort', interrupt, { once: true })
    try {
      return await work()
    } catch (error) {
      if (isAborted(signal)) throw cancelled(sql, signal?.reason)
      throw this.#closed ? closedError() : sqlError(error, sql)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
    }
  }

  // A result that is not read to its end keeps its snapshot until the connection runs something else.
  async #abandon(): Promise<void> {
    const run = Promise.all([this.#last, this.#ahead]).then(() => this.connection.run('SELECT 1'))
    this.#last = run.catch(() => undefined)
    await this.#last
  }
}

function isAbortedTransaction(error: unknown): boolean {
  return error instanceof MartletError && error.message.includes('Current transaction is aborted')
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function busy(sql: string): MartletError {
  return new MartletError(
    'STREAM_OPEN',
    'A stream is open on this connection, and another statement would end it. ' +
      'Read the stream to its end first, or use the warehouse outside the transaction.',
    { data: { sql: sql.slice(0, 2000) } },
  )
}
