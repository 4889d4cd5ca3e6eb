import { Kysely } from 'kysely'
import { alignColumns } from '../align-columns.ts'
import type { ColumnBatch, ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import type { Leaves } from '../leaves/leaves.ts'
import { snowflakeLeaves } from '../leaves/leaves.ts'
import { retryConflicts } from '../retry-conflicts.ts'
import type { CompiledSql, RunOptions, StreamOptions, Warehouse } from '../warehouse.ts'
import type { BulkWarehouse, UnloadedFiles } from '../bulk-warehouse.ts'
import { vectorsAsQuery } from '../load/vectors-as-query.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { appendFailed, insertRows, insertStatement } from './append.ts'
import { copyIntoTable, writeStaged } from './bulk-load.ts'
import { unloadQuery } from './bulk-read.ts'
import { inTransaction } from './transaction.ts'
import { SnowflakeDialect } from './dialect.ts'
import type { SessionSource } from './driver.ts'
import { sessionSettings } from './options.ts'
import type { SnowflakeOptions } from './options.ts'
import { expectPlaces } from './expect-places.ts'
import { SessionPool } from './pool.ts'
import type { Session } from './session.ts'
import { SingleSession } from './single-session.ts'
import { putFiles, withStageFolder } from './stage.ts'
import type { StageFolder } from './stage.ts'
import type { StagedColumn } from './staged-columns.ts'
import { tableColumns } from './table-columns.ts'
import type { Sql } from '../sql.ts'

export async function openWarehouse(options: SnowflakeOptions): Promise<Warehouse> {
  const pool = await SessionPool.open(options)
  const { bulkValues, networkSeconds } = sessionSettings(options)
  const warehouse = new SnowflakeWarehouse(pool, () => pool.close(), { pool, bulkValues, networkSeconds })
  try {
    await expectPlaces(warehouse, options)
  } catch (error) {
    await pool.close()
    throw error
  }
  return warehouse
}

/** What the warehouses of sessions and transactions take from the one that was opened. */
interface Origin {
  readonly pool: SessionSource
  readonly bulkValues: number
  readonly networkSeconds: number
}

class SnowflakeWarehouse implements BulkWarehouse {
  readonly engine = 'snowflake'
  readonly leaves: Leaves = snowflakeLeaves
  readonly db: Kysely<Record<string, Record<string, unknown>>>
  readonly #sessions: SessionSource
  readonly #close: () => Promise<void>
  readonly #origin: Origin

  constructor(sessions: SessionSource, close: () => Promise<void>, origin: Origin) {
    this.#sessions = sessions
    this.#close = close
    this.#origin = origin
    this.db = new Kysely({ dialect: new SnowflakeDialect(sessions) })
  }

  get sessions(): SessionSource {
    return this.#sessions
  }

  compile(statement: Sql): CompiledSql {
    const { sql, parameters } = statement.compile(this.db)
    return { sql, parameters }
  }

  async read(query: Sql, options: RunOptions = {}): Promise<ColumnBatch> {
    const statement = this.compile(query)
    return this.#use(async (session) => (await session.read(statement, options)).batch)
  }

  async *stream(query: Sql, options: StreamOptions = {}): AsyncGenerator<ColumnBatch> {
    const statement = this.compile(query)
    const session = await this.#sessions.acquire()
    try {
      yield* session.stream(statement, options)
    } finally {
      this.#sessions.release(session)
    }
  }

  async run(statement: Sql, options: RunOptions = {}): Promise<number> {
    const compiled = this.compile(statement)
    return this.#retrying(() => this.#use((session) => session.run(compiled, options)))
  }

  async append(table: string, batch: ColumnBatch): Promise<number> {
    const columns = await tableColumns(this, table)
    if (columns === undefined) throw tableNotFound(table)
    const vectors = alignColumns(table, columns, batch)
    if (batch.rows * vectors.length > this.#origin.bulkValues) {
      const staged = columns.map(({ name, type }, index) => ({ name, type: type ?? vectors[index]?.type ?? 'text' }))
      const names = staged.map(({ name }) => name)
      return this.#load(table, staged, ({ local }) =>
        vectorsAsQuery(vectors, batch.rows, names, (reader, query) => writeStaged(reader, query, staged, local)),
      )
    }
    return this.transaction(async (warehouse) => {
      const insert = insertStatement(table, columns, vectors, (statement) => warehouse.compile(statement))
      const written = await warehouse.#use((session) => insertRows(session, insert, vectors, batch.rows))
      if (written !== batch.rows) throw appendFailed(table, written, batch.rows)
      return written
    })
  }

  async appendQuery(table: string, columns: readonly StagedColumn[], reader: Warehouse, query: Sql): Promise<number> {
    return this.#load(table, columns, ({ local }) => writeStaged(reader, query, columns, local))
  }

  async unload(query: Sql, folder: string, options: RunOptions = {}): Promise<UnloadedFiles | undefined> {
    const statement = this.compile(query)
    return this.#withStage(folder, (stage) => this.#use((session) => unloadQuery(session, statement, stage, options)))
  }

  async introspect(table: string): Promise<readonly ColumnSpec[] | undefined> {
    const columns = await tableColumns(this, table)
    return columns?.flatMap(({ name, type, nullable }) => (type === undefined ? [] : [{ name, type, nullable }]))
  }

  async session<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
    if (this.#sessions instanceof SingleSession) return work(this)
    return this.#use((session) => withSingle(session, false, this.#origin, work))
  }

  async transaction<T>(work: (warehouse: SnowflakeWarehouse) => Promise<T>): Promise<T> {
    if (this.#sessions.inTransaction) return work(this)
    return this.#retrying(() =>
      this.#use((session) => inTransaction(session, () => withSingle(session, true, this.#origin, work))),
    )
  }

  close(): Promise<void> {
    return this.#close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }

  // Files are uploaded before the transaction begins, unless it is the caller's, so that a conflict repeats only the loading.
  async #load(
    table: string,
    columns: readonly StagedColumn[],
    write: (folder: StageFolder) => Promise<number>,
  ): Promise<number> {
    await using folder = await temporaryFolder()
    return await this.#withStage(folder.path, async (stage) => {
      const rows = await write(stage)
      if (rows === 0) return 0
      await this.#use((session) => putFiles(session, stage))
      return this.transaction((warehouse) =>
        warehouse.#use((session) => copyIntoTable(session, table, columns, stage, rows)),
      )
    })
  }

  // The stage is the user's, so that another session can clear it when the one at work is lost; it may not take long.
  #withStage<T>(local: string, work: (stage: StageFolder) => Promise<T>): Promise<T> {
    const { pool, networkSeconds } = this.#origin
    const remove = (statement: CompiledSql) => (session: Session) =>
      session.run(statement, { signal: AbortSignal.timeout(networkSeconds * 1000) })
    const elsewhere = async (statement: CompiledSql): Promise<number> => {
      const session = await pool.acquire()
      return remove(statement)(session).finally(() => pool.release(session))
    }
    return withStageFolder(
      local,
      (statement) =>
        this.#use(remove(statement)).catch((error: unknown) => (isLost(error) ? elsewhere(statement) : undefined)),
      work,
    )
  }

  // A session with temporary tables or a transaction that did not end is not used again.
  async #use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#sessions.acquire()
    try {
      return await work(session)
    } finally {
      this.#sessions.release(session, session.inTransaction)
    }
  }

  // A conflict inside a transaction has rolled all of it back, so only the outermost may run again.
  #retrying<T>(work: () => Promise<T>): Promise<T> {
    return this.#sessions.inTransaction ? work() : retryConflicts(work)
  }
}

function isLost(error: unknown): boolean {
  return error instanceof MartletError && error.code === 'SESSION_LOST'
}

function tableNotFound(table: string): MartletError {
  return new MartletError('TABLE_NOT_FOUND', `There is no table ${table} to append to. Create it first.`, {
    data: { table },
  })
}

async function withSingle<T>(
  session: Session,
  transaction: boolean,
  origin: Origin,
  work: (warehouse: SnowflakeWarehouse) => Promise<T>,
): Promise<T> {
  const single = new SingleSession(session, transaction)
  try {
    return await work(new SnowflakeWarehouse(single, async () => undefined, origin))
  } finally {
    single.end()
  }
}
