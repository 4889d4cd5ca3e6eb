import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely } from 'kysely'
import { sql } from '../sql.ts'
import type {
  AbortableOperationOptions,
  CompiledQuery,
  DatabaseConnection,
  Driver,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import { MartletError } from '../errors.ts'
import { ensureTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import { SnowflakeDialect } from './dialect.ts'
import { SnowflakeConnection, SnowflakeDriver } from './driver.ts'
import type { SessionSource } from './driver.ts'
import { compileText } from './query-compiler.ts'
import type { Sql } from '../sql.ts'

/**
 * How long a transaction waits for others before it fails with CATALOG_BUSY: longer than the five minutes after which Snowflake
 * rolls back a transaction that is idle and blocks others, such as that of a process that died.
 */
const PATIENCE_MS = 6 * 60_000

/** A warehouse with access to its sessions. */
export interface HasSessions extends Warehouse {
  readonly sessions: SessionSource
}

/**
 * A Kysely on one schema of a Snowflake warehouse whose transactions run one after the other, in whatever process: each begins
 * by changing the one row of `<schema>.write_lock`, which locks that table until COMMIT. So what a transaction reads stays true
 * until it commits. Whole numbers come back as numbers when they fit.
 * @throws MartletError SNOWFLAKE_NEEDED when the warehouse is another engine
 * @throws MartletError CATALOG_BUSY in a transaction, when others keep the lock for six minutes
 */
export async function openLockedSchema<Tables>(
  warehouse: Warehouse,
  schema: string,
  options: { readonly patienceMs?: number } = {},
): Promise<Kysely<Tables>> {
  if (!hasSessions(warehouse)) {
    throw new MartletError(
      'SNOWFLAKE_NEEDED',
      `These tables need a Snowflake warehouse, and this one is ${warehouse.engine}. Keep them in a SQLite file.`,
      { data: { engine: warehouse.engine } },
    )
  }
  const lock = `${schema}.write_lock`
  await ensureTable(warehouse, { table: lock, columns: [{ name: 'turn', type: 'bigint', nullable: false }] })
  // Two processes may both insert a row: all rows are changed, so a second one does no harm.
  const { rows } = await warehouse.read(sql`SELECT turn FROM ${tableRef(lock)} LIMIT 1`)
  if (rows === 0) await warehouse.run(sql`INSERT INTO ${tableRef(lock)} (turn) VALUES (0)`)
  return new Kysely<Tables>({
    dialect: new LockedDialect(
      warehouse.sessions,
      sql`UPDATE ${tableRef(lock)} SET turn = turn + 1`,
      options.patienceMs ?? PATIENCE_MS,
    ),
  }).withSchema(schema)
}

function hasSessions(warehouse: Warehouse): warehouse is HasSessions {
  return warehouse.engine === 'snowflake' && 'sessions' in warehouse
}

class LockedDialect extends SnowflakeDialect {
  readonly #sessions: SessionSource
  readonly #take: string
  readonly #patienceMs: number

  constructor(sessions: SessionSource, take: Sql, patienceMs: number) {
    super(sessions)
    this.#sessions = sessions
    this.#take = compileText(take)
    this.#patienceMs = patienceMs
  }

  override createDriver(): Driver {
    return new LockedDriver(this.#sessions, this.#take, this.#patienceMs)
  }
}

class LockedDriver extends SnowflakeDriver {
  readonly #sessions: SessionSource
  readonly #take: string
  readonly #patienceMs: number

  constructor(sessions: SessionSource, take: string, patienceMs: number) {
    super(sessions)
    this.#sessions = sessions
    this.#take = take
    this.#patienceMs = patienceMs
  }

  override async acquireConnection(): Promise<SnowflakeConnection> {
    return new NumbersConnection(await this.#sessions.acquire())
  }

  // Without the lock nothing has been done yet, so it can be requested again.
  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (!(connection instanceof SnowflakeConnection)) throw new TypeError('a connection of another driver')
    const end = performance.now() + this.#patienceMs
    for (;;) {
      await super.beginTransaction(connection, settings)
      try {
        await connection.session.run({ sql: this.#take, parameters: [] })
        return
      } catch (error) {
        await this.rollbackTransaction(connection)
        if (!(error instanceof MartletError && error.code === 'TRANSACTION_CONFLICT')) throw error
        if (performance.now() > end) {
          throw new MartletError(
            'CATALOG_BUSY',
            `Other transactions kept the catalog locked for ${Math.round(this.#patienceMs / 1000)} seconds. ` +
              'Nothing was changed. SHOW LOCKS lists them, and SYSTEM$ABORT_TRANSACTION ends one.',
            { cause: error },
          )
        }
        await sleep(20 + Math.random() * 80)
      }
    }
  }
}

/** Whole numbers of Snowflake's tables have 38 digits; they become numbers when they fit, as from SQLite. */
class NumbersConnection extends SnowflakeConnection {
  override async executeQuery<R>(
    query: CompiledQuery,
    options: AbortableOperationOptions = {},
  ): Promise<QueryResult<R>> {
    const result = await super.executeQuery<R>(query, options)
    for (const row of result.rows) toNumbers(row)
    return result
  }
}

function toNumbers(row: unknown): void {
  if (typeof row !== 'object' || row === null) return
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) Reflect.set(row, name, Number(value))
  }
}
