import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { CompiledQuery, Kysely, SqliteDialect, SqliteDriver } from 'kysely'
import type { DatabaseConnection, Driver, SqliteDialectConfig } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { makePrivateFile } from '../private-file.ts'

/** How long a statement waits for another process's write before it fails with CATALOG_BUSY. */
const patience = 30_000

/**
 * Opens a SQLite file for several processes: write-ahead log, foreign keys, transactions that take the write lock at once.
 * Waiting for that lock never blocks the event loop for more than a few milliseconds at a time.
 * A file that is made here can be read by its user only.
 */
export function openSqlite<Tables>(path: string): Kysely<Tables> {
  const database = connect(path)
  return new Kysely<Tables>({ dialect: new PatientDialect({ database }) })
}

function connect(path: string): Database.Database {
  try {
    if (path !== ':memory:' && path !== '') makePrivateFile(path)
    const database = new Database(path, { timeout: 5_000 })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma('busy_timeout = 20')
    return database
  } catch (cause) {
    throw new MartletError('CATALOG_OPEN_FAILED', `cannot open the catalog at ${path}: ${reason(cause)}; check that the folder exists and that the file is a SQLite file`, {
      data: { path },
      cause,
    })
  }
}

class PatientDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig

  constructor(config: SqliteDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#config)
  }
}

class PatientDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= patient(await super.acquireConnection())
    return this.#connection
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** A busy statement has changed nothing, so it is safe to run again. */
function patient(connection: DatabaseConnection): DatabaseConnection {
  return {
    async executeQuery(query) {
      const start = performance.now()
      for (let attempt = 0; ; attempt++) {
        try {
          return await connection.executeQuery(query)
        } catch (error) {
          if (!isBusy(error)) throw error
          if (performance.now() - start > patience) {
            throw new MartletError('CATALOG_BUSY', `the catalog was locked by another process for ${patience / 1000} seconds; is one stuck in a transaction?`, { cause: error })
          }
          await sleep(Math.random() * Math.min(100, 2 << Math.min(attempt, 6)))
        }
      }
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(error.code)
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
