import type { Column, Connection, RowStatement } from 'snowflake-sdk'
import type { ColumnBatch } from '../column.ts'
import type { MartletError } from '../errors.ts'
import type { CompiledSql, RunOptions, StreamOptions } from '../warehouse.ts'
import { batchDecoder } from './columns.ts'
import { epochQuery, mayBeWrapped, timestampsOf } from './epoch-columns.ts'
import { cancelled, closedError, ddlInTransaction, sqlError, streamOpen } from './errors.ts'
import type { SessionSettings } from './options.ts'
import { bindTexts } from './parameters.ts'
import { readRows } from './read-rows.ts'
import { RowReader, type Row } from './row-reader.ts'
import { compileText } from './query-compiler.ts'
import { changesSession, isDdl, movesSession } from './statement-kind.ts'
import { CANCEL_GRACE_MS, StatementRun, type StatementToRun } from './statement-run.ts'
import { useStatement } from './use-statement.ts'

const BATCH_ROWS = 16_384

/** One Snowflake session: statements run one after the other, each has a deadline and can be cancelled, errors are typed. */
export class Session {
  readonly #connection: Connection
  readonly #settings: SessionSettings
  #last: Promise<unknown> = Promise.resolve()
  #stop: ((reason: MartletError) => void) | undefined
  #streaming = false
  #closed = false
  /** Inside BEGIN and COMMIT, where DDL would commit. */
  inTransaction = false
  /** It has temporary tables or settings of its own, or did not answer: nobody else gets it. */
  tainted = false

  constructor(connection: Connection, settings: SessionSettings) {
    this.#connection = connection
    this.#settings = settings
  }

  /** Runs one statement and returns how many rows it changed, or returned. */
  async run(statement: CompiledSql, options: RunOptions = {}): Promise<number> {
    return this.#turn(statement.sql, async () => changedRows(await this.#executeHere(statement, options)))
  }

  /** Runs one INSERT for many rows of texts. */
  async runRows(sql: string, rows: readonly (readonly (string | null)[])[]): Promise<number> {
    return this.#turn(sql, async () => changedRows(await this.#execute(sql, rows, {})))
  }

  /** Runs one statement and reads its whole result as one batch; `changed` is undefined for a query. */
  async read(
    statement: CompiledSql,
    options: RunOptions = {},
  ): Promise<{ readonly batch: ColumnBatch; readonly changed: number | undefined }> {
    return this.#turn(statement.sql, async () => {
      const done = await this.#executeHere(statement, options)
      const decode = batchDecoder(done.getColumns() ?? [])
      const rows = []
      for await (const some of this.#rows(statement.sql, done, options, BATCH_ROWS))
        for (const row of some) rows.push(row)
      return { batch: decode(rows), changed: updatedRows(done) }
    })
  }

  /** The columns of a query, which does not run. */
  async describe(statement: CompiledSql, options: RunOptions = {}): Promise<readonly Column[]> {
    return this.#turn(
      statement.sql,
      async () =>
        (await this.#execute(statement.sql, bindTexts(statement.parameters), options, true)).getColumns() ?? [],
    )
  }

  /** Runs one query and yields its rows in batches, in bounded memory. */
  async *stream(statement: CompiledSql, options: StreamOptions = {}): AsyncGenerator<ColumnBatch> {
    const batchRows = Math.max(1, Math.floor(options.batchRows ?? BATCH_ROWS))
    const { done, epochs } = await this.#turn(statement.sql, async () => {
      const opened = await this.#openStream(statement, options)
      this.#streaming = true
      return opened
    })
    try {
      const decode = batchDecoder(done.getColumns() ?? [], epochs)
      for await (const rows of this.#rows(statement.sql, done, options, batchRows)) yield decode(rows)
    } finally {
      this.#streaming = false
    }
  }

  /** Cancels what runs and logs out; later statements fail. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stop?.(closedError())
    await this.#last
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CANCEL_GRACE_MS)
      this.#connection.destroy(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  // Snowflake moves a session into a schema that it creates, where names without a schema would mean other tables.
  async #executeHere({ sql, parameters }: CompiledSql, options: RunOptions): Promise<RowStatement> {
    if (!movesSession(sql) || this.inTransaction) return this.#execute(sql, bindTexts(parameters), options)
    const here = await this.#execute('SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()', [], options)
    let place: readonly unknown[] = []
    for await (const rows of this.#rows(sql, here, options, 1)) place = rows[0] ?? []
    const done = await this.#execute(sql, bindTexts(parameters), options)
    const { tainted } = this
    const [database, schema] = place
    if (typeof database === 'string' && typeof schema === 'string')
      await this.#execute(useStatement(database, schema), [], options)
    this.tainted = tainted
    return done
  }

  // A long result is worth describing first: timestamps come much faster as whole numbers.
  async #openStream(
    { sql, parameters }: CompiledSql,
    options: RunOptions,
  ): Promise<{ readonly done: RowStatement; readonly epochs: ReadonlySet<number> }> {
    const binds = bindTexts(parameters)
    if (mayBeWrapped(sql)) {
      const columns = (await this.#execute(sql, binds, options, true)).getColumns() ?? []
      const timestamps = timestampsOf(columns)
      const wrapped = timestamps.size === 0 ? undefined : epochQuery(sql, columns, timestamps)
      if (wrapped !== undefined)
        return { done: await this.#execute(compileText(wrapped), binds, options), epochs: timestamps }
    }
    return { done: await this.#execute(sql, binds, options), epochs: new Set() }
  }

  async #turn<T>(sql: string, work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(() => {
      if (this.#streaming) throw streamOpen(sql)
      return work()
    })
    this.#last = run.catch(() => undefined)
    return run
  }

  async #execute(
    sql: string,
    binds: StatementToRun['binds'],
    { signal }: RunOptions,
    describeOnly: boolean = false,
  ): Promise<RowStatement> {
    if (this.#closed) throw closedError()
    if (this.inTransaction && isDdl(sql)) throw ddlInTransaction(sql)
    if (signal?.aborted === true) throw cancelled(sql, signal.reason)
    if (changesSession(sql)) this.tainted = true
    const limits = { seconds: this.#settings.timeoutSeconds, signal }
    try {
      const run = new StatementRun(this.#connection, { sql, binds, describeOnly }, limits)
      this.#stop = (reason) => run.stop(reason)
      return await run.done.finally(() => {
        this.tainted ||= run.overdue
      })
    } catch (error) {
      throw sqlError(error, sql)
    } finally {
      this.#stop = undefined
    }
  }

  async *#rows(
    sql: string,
    done: RowStatement,
    { signal }: RunOptions,
    groupRows: number,
  ): AsyncGenerator<readonly Row[]> {
    const rows = done.getNumRows() ?? 0
    if (rows === 0) return
    if (this.#closed) throw closedError()
    const seconds = this.#settings.networkSeconds
    const reader = new RowReader(done, seconds * 1000)
    this.#stop = (reason) => reader.fail(reason)
    try {
      yield* readRows(reader, { sql, rows, groupRows, seconds, signal })
    } finally {
      this.#stop = undefined
    }
  }
}

function changedRows(done: RowStatement): number {
  return updatedRows(done) ?? (isQuery(done) ? done.getNumRows() : 0)
}

// The SDK says -1 for anything but INSERT, UPDATE, DELETE and MERGE.
function updatedRows(done: RowStatement): number | undefined {
  const rows = done.getNumUpdatedRows()
  return rows === undefined || rows < 0 ? undefined : rows
}

// Other statements answer with a row too: a sentence in a column named status.
function isQuery(done: RowStatement): boolean {
  return /^[\s(]*(?:SELECT|WITH|SHOW|DESC|DESCRIBE|VALUES|LIST)\b/i.test(done.getSqlText())
}
