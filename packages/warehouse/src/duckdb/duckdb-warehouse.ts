import { ResultReturnType } from '@duckdb/node-api'
import type { DuckDBResult } from '@duckdb/node-api'
import { Kysely } from 'kysely'
import { alignColumns } from '../align-columns.ts'
import type { ColumnBatch, ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import { duckDbLeaves } from '../leaves/leaves.ts'
import type { Leaves } from '../leaves/leaves.ts'
import { retryConflicts } from '../retry-conflicts.ts'
import { splitTableName } from '../table/table-name.ts'
import type { CompiledSql, RunOptions, StreamOptions, Warehouse } from '../warehouse.ts'
import { appendColumns } from './append.ts'
import { DuckDbDialect } from './dialect.ts'
import type { SessionSource } from './driver.ts'
import type { DuckDbOptions } from './instances.ts'
import { SessionPool } from './pool.ts'
import { readBatch, streamBatches } from './read.ts'
import type { Session } from './session.ts'
import { SingleSession } from './single-session.ts'
import { columnTypeOf, tableColumnsQuery } from './table-columns.ts'
import type { TableColumn } from './table-columns.ts'
import type { Sql } from '../sql.ts'

export async function openWarehouse(options: DuckDbOptions): Promise<Warehouse> {
  const pool = await SessionPool.open(options)
  return new DuckDbWarehouse(pool, () => pool.close())
}

class DuckDbWarehouse implements Warehouse {
  readonly engine = 'duckdb'
  readonly leaves: Leaves = duckDbLeaves
  readonly db: Kysely<Record<string, Record<string, unknown>>>
  readonly #sessions: SessionSource
  readonly #close: () => Promise<void>

  constructor(sessions: SessionSource, close: () => Promise<void>) {
    this.#sessions = sessions
    this.#close = close
    this.db = new Kysely({ dialect: new DuckDbDialect(sessions) })
  }

  compile(statement: Sql): CompiledSql {
    const { sql, parameters } = statement.compile(this.db)
    return { sql, parameters }
  }

  async read(query: Sql, options: RunOptions = {}): Promise<ColumnBatch> {
    const statement = this.compile(query)
    return this.#use(async (session) => readBatch(await session.run(statement, options)))
  }

  async *stream(query: Sql, options: StreamOptions = {}): AsyncGenerator<ColumnBatch> {
    const statement = this.compile(query)
    const session = await this.#sessions.acquire()
    try {
      yield* streamBatches(session, statement, options)
    } finally {
      this.#sessions.release(session)
    }
  }

  async run(statement: Sql, options: RunOptions = {}): Promise<number> {
    const compiled = this.compile(statement)
    return this.#retrying(() => this.#use(async (session) => changedRows(await session.run(compiled, options))))
  }

  async append(table: string, batch: ColumnBatch): Promise<number> {
    const parts = splitTableName(table)
    return this.transaction(async (warehouse) => {
      const columns = await warehouse.#columnsOf(table)
      if (columns === undefined) {
        throw new MartletError('TABLE_NOT_FOUND', `There is no table ${table} to append to. Create it first.`, {
          data: { table },
        })
      }
      const aligned = alignColumns(table, columns, batch)
      await warehouse.#use((session) =>
        session.turn({ sql: `APPEND ${table}`, parameters: [] }, {}, () =>
          appendColumns(session, table, parts, aligned, batch.rows),
        ),
      )
      return batch.rows
    })
  }

  async introspect(table: string): Promise<readonly ColumnSpec[] | undefined> {
    const columns = await this.#columnsOf(table)
    return columns?.flatMap(({ name, type, nullable }) => (type === undefined ? [] : [{ name, type, nullable }]))
  }

  async session<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
    if (this.#sessions instanceof SingleSession) return work(this)
    return this.#onOwnSession((session) => withSingle(session, false, work))
  }

  async transaction<T>(work: (warehouse: DuckDbWarehouse) => Promise<T>): Promise<T> {
    if (this.#sessions.inTransaction) return work(this)
    const attempt = (session: Session): Promise<T> => inTransaction(session, () => withSingle(session, true, work))
    if (this.#sessions instanceof SingleSession) {
      const session = await this.#sessions.acquire()
      return this.#retrying(() => attempt(session))
    }
    return this.#retrying(() => this.#onOwnSession(attempt))
  }

  close(): Promise<void> {
    return this.#close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }

  async #columnsOf(table: string): Promise<readonly TableColumn[] | undefined> {
    const { rows, columns } = await this.read(tableColumnsQuery(splitTableName(table)))
    const [names, types, nullables, databases] = columns
    if (
      names?.type !== 'text' ||
      types?.type !== 'text' ||
      nullables?.type !== 'boolean' ||
      databases?.type !== 'text' ||
      rows === 0
    )
      return undefined
    return names.values.flatMap((name, row) => {
      const dataType = types.values[row] ?? ''
      // A temporary table hides the stored one of the same name.
      if (databases.values[row] !== databases.values[0]) return []
      return [{ name, dataType, type: columnTypeOf(dataType), nullable: nullables.values[row] === 1 }]
    })
  }

  async #use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#sessions.acquire()
    try {
      return await work(session)
    } finally {
      this.#sessions.release(session)
    }
  }

  // Discarded afterwards, and with it the temporary tables that the work left.
  async #onOwnSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#sessions.acquire()
    try {
      return await work(session)
    } finally {
      this.#sessions.release(session, true)
    }
  }

  // A conflict inside a transaction has rolled all of it back, so only the outermost may run again.
  #retrying<T>(work: () => Promise<T>): Promise<T> {
    return this.#sessions.inTransaction ? work() : retryConflicts(work)
  }
}

async function withSingle<T>(
  session: Session,
  transaction: boolean,
  work: (warehouse: DuckDbWarehouse) => Promise<T>,
): Promise<T> {
  const single = new SingleSession(session, transaction)
  try {
    return await work(new DuckDbWarehouse(single, async () => undefined))
  } finally {
    single.end()
  }
}

async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.run({ sql: 'BEGIN TRANSACTION', parameters: [] })
  try {
    const value = await work()
    await session.run({ sql: 'COMMIT', parameters: [] })
    return value
  } catch (error) {
    // After a failed COMMIT, which has rolled back already, this fails too; the first error is the one to report.
    await session.run({ sql: 'ROLLBACK', parameters: [] }).catch(() => undefined)
    throw error
  }
}

async function changedRows(result: DuckDBResult): Promise<number> {
  if (result.returnType === ResultReturnType.CHANGED_ROWS) return result.rowsChanged
  const { rows, columns } = await readBatch(result)
  if (result.returnType === ResultReturnType.QUERY_RESULT) return rows
  // CREATE TABLE AS returns the number of rows that it wrote in its only cell.
  const [count] = columns
  return count?.type === 'bigint' && rows === 1 ? Number(count.values[0]) : 0
}
