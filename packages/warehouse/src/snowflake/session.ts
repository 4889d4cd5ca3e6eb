import type { Column, Connection, RowStatement } from 'snowflake-sdk'
import type { ColumnBatch } from '../column.ts'
import { MartletError } from '../errors.ts'
import type { CompiledSql, RunOptions, StreamOptions } from '../warehouse.ts'
import { batchDecoder } from './columns.ts'
import { epochQuery, mayBeWrapped, timestampsOf } from './epoch-columns.ts'
import { cancelled, closedError, sqlError, timedOut } from './errors.ts'
import type { SessionSettings } from './options.ts'
import { bindTexts } from './parameters.ts'
import { RowReader, Stalled } from './row-reader.ts'
import { compileText } from './query-compiler.ts'
import { changesSession, isDdl, movesSession } from './statement-kind.ts'
import { useStatement } from './use-statement.ts'

const BATCH_ROWS = 16_384
/** How long a cancelled statement may take to end before it is left behind, with its session. */
const CANCEL_GRACE_MS = 5000

type Binds = readonly (string | null)[] | readonly (readonly (string | null)[])[]

/** One Snowflake session: statements run one after the other, each has a deadline and can be cancelled, errors come out typed. */
export class Session {
  readonly #connection: Connection
  readonly #settings: SessionSettings
  #last: Promise<unknown> = Promise.resolve()
  #stop: ((reason: MartletError) => void) | undefined
  #streaming = false
  #closed = false
  /** Inside BEGIN and COMMIT, where DDL would commit. */
  inTransaction = false
  /** Holds temporary tables or settings of its own, or did not answer: it is not given to anyone else. */
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

  /** Runs one query and keeps its whole result as one batch; undefined columns mean that the statement has none. */
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

  /** Runs one query and passes its rows on in batches, in bounded memory. */
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

  // Names without a schema would mean other tables, in this session only, once a schema has been created.
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

  // A long result is worth a look at its columns first: timestamps come much faster as whole numbers.
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
      if (this.#streaming) throw busy(sql)
      return work()
    })
    this.#last = run.catch(() => undefined)
    return run
  }

  // The SDK repeats a request up to 1000 times, so the deadline is kept here.
  async #execute(
    sql: string,
    binds: Binds,
    { signal }: RunOptions,
    describeOnly: boolean = false,
  ): Promise<RowStatement> {
    if (this.#closed) throw closedError()
    if (this.inTransaction && isDdl(sql)) throw ddlInTransaction(sql)
    if (isAborted(signal)) throw cancelled(sql, signal?.reason)
    if (changesSession(sql)) this.tainted = true
    const seconds = this.#settings.timeoutSeconds
    let timer: NodeJS.Timeout | undefined
    let onAbort = (): void => undefined
    try {
      return await new Promise<RowStatement>((resolve, reject) => {
        let reason: MartletError | undefined
        const running = this.#connection.execute({
          sqlText: sql,
          ...(binds.length === 0
            ? {}
            : { binds: binds.map((bind) => (Array.isArray(bind) ? [...bind] : bind)) as (string | null)[] }),
          streamResult: true,
          rowMode: 'array',
          fetchAsString: ['Number'],
          ...(describeOnly ? { describeOnly } : {}),
          complete: (error, done) => {
            if (error == null && 'streamRows' in done) resolve(done)
            else reject(reason ?? sqlError(error, sql))
          },
        })
        this.#stop = (why) => {
          if (reason !== undefined) return
          reason = why
          if ('cancel' in running) running.cancel(() => undefined)
          timer = setTimeout(() => {
            this.tainted = true
            reject(why)
          }, CANCEL_GRACE_MS)
        }
        onAbort = () => this.#stop?.(cancelled(sql, signal?.reason))
        signal?.addEventListener('abort', onAbort, { once: true })
        timer = setTimeout(() => {
          this.tainted = true
          this.#stop?.(timedOut(sql, seconds, 'the statement'))
        }, seconds * 1000)
      })
    } catch (error) {
      throw sqlError(error, sql)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#stop = undefined
    }
  }

  async *#rows(
    sql: string,
    done: RowStatement,
    { signal }: RunOptions,
    groupRows: number,
  ): AsyncGenerator<readonly (readonly unknown[])[]> {
    if ((done.getNumRows() ?? 0) === 0) return
    const reader = new RowReader(done, this.#settings.networkSeconds * 1000)
    const onAbort = (): void => reader.fail(cancelled(sql, signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    if (isAborted(signal)) onAbort()
    try {
      let group: (readonly unknown[])[] = []
      let seen = 0
      for (
        let rows = await this.#pull(reader, groupRows);
        rows !== null;
        rows = await this.#pull(reader, groupRows - group.length)
      ) {
        for (const row of rows) group.push(row)
        seen += rows.length
        if (group.length >= groupRows) {
          yield group
          group = []
        }
      }
      if (seen !== done.getNumRows()) throw incomplete(sql, seen, done.getNumRows())
      if (group.length > 0) yield group
    } catch (error) {
      throw error instanceof Stalled
        ? timedOut(sql, this.#settings.networkSeconds, 'sending rows of the result')
        : brokenResult(error, sql)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      reader.close()
      this.#stop = undefined
    }
  }

  async #pull(reader: RowReader, limit: number): Promise<readonly (readonly unknown[])[] | null> {
    if (this.#closed) throw closedError()
    this.#stop = (reason) => reader.fail(reason)
    return reader.pull(limit)
  }
}

function changedRows(done: RowStatement): number {
  return updatedRows(done) ?? (isQuery(done) ? done.getNumRows() : 0)
}

// The SDK says -1 for what is no INSERT, UPDATE, DELETE or MERGE.
function updatedRows(done: RowStatement): number | undefined {
  const rows = done.getNumUpdatedRows()
  return rows === undefined || rows < 0 ? undefined : rows
}

// What is no query answers with a row too: a sentence in a column named status.
function isQuery(done: RowStatement): boolean {
  return /^[\s(]*(?:SELECT|WITH|SHOW|DESC|DESCRIBE|VALUES|LIST)\b/i.test(done.getSqlText())
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function brokenResult(error: unknown, sql: string): MartletError {
  if (error instanceof MartletError) return error
  const failure = sqlError(error, sql)
  return new MartletError(
    'RESULT_BROKEN',
    `The result could not be read to its end: ${failure.message}. Run the query again.`,
    { data: failure.data },
  )
}

function incomplete(sql: string, seen: number, rows: number): MartletError {
  return new MartletError('RESULT_BROKEN', `The result has ${rows} rows, and ${seen} came. Run the query again.`, {
    data: { sql: sql.slice(0, 2000), rows, seen },
  })
}

function ddlInTransaction(sql: string): MartletError {
  return new MartletError(
    'DDL_IN_TRANSACTION',
    'Snowflake would commit the open transaction before this statement. Create and drop tables, temporary ones too, before it.',
    {
      data: { sql: sql.slice(0, 2000) },
    },
  )
}

function busy(sql: string): MartletError {
  return new MartletError(
    'STREAM_OPEN',
    'A stream is open on this connection. Read it to its end first, or use the warehouse outside the transaction.',
    { data: { sql: sql.slice(0, 2000) } },
  )
}
