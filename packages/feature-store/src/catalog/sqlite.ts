import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { CompiledQuery, Kysely, SqliteDialect, SqliteDriver } from 'kysely'
import type { DatabaseConnection, Driver, SqliteDialectConfig } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { makePrivateFile } from '../private-file.ts'

/** How long a statement waits for another process's write before it fails with CATALOG_BUSY. */
const PATIENCE_MS = 30_000
/** How long opening waits for another process's lock; it blocks the event loop, so it is shorter. */
const OPENING_MS = 5_000

/**
 * Opens a SQLite file for several processes: write-ahead log, foreign keys, and transactions that take the write lock
 * when they begin. Waiting for that lock never blocks the event loop for more than a few milliseconds at a time. A
 * file that is created here can be read only by its user.
 * @throws MartletError CATALOG_OPEN_FAILED when the file cannot be opened
 * @throws MartletError CATALOG_BUSY when another process keeps the file locked
 */
export function openSqlite<Tables>(path: string): Kysely<Tables> {
  const database = connect(path)
  return new Kysely<Tables>({ dialect: new PatientDialect({ database }, path) })
}

function connect(path: string): Database.Database {
  try {
    if (path !== ':memory:' && path !== '') makePrivateFile(path)
    const database = new Database(path, { timeout: OPENING_MS })
    useWriteAheadLog(database)
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma('busy_timeout = 20')
    return database
  } catch (cause) {
    if (isBusy(cause)) {
      throw new MartletError(
        'CATALOG_BUSY',
        `The catalog ${path} was locked by another process for ${OPENING_MS / 1000} seconds. ` +
          'Find a process that is stuck in a transaction, and end it.',
        { data: { path }, cause },
      )
    }
    if (isFull(cause)) throw diskFull(cause, path)
    throw new MartletError(
      'CATALOG_OPEN_FAILED',
      `The catalog at ${path} cannot be opened: ${reason(cause)}. ` +
        'Check that the folder exists and that the file is a SQLite file.',
      { data: { path }, cause },
    )
  }
}

/**
 * Of two connections that switch a new file at the same moment, SQLite refuses one at once instead of letting it wait,
 * because each would wait for the other. It is tried again, and finds the file switched.
 */
function useWriteAheadLog(database: Database.Database): void {
  const end = performance.now() + OPENING_MS
  for (;;) {
    try {
      database.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * 9)
    }
  }
}

class PatientDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #path: string

  constructor(config: SqliteDialectConfig, path: string) {
    super(config)
    this.#config = config
    this.#path = path
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#config, this.#path)
  }
}

class PatientDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined
  readonly #path: string

  constructor(config: SqliteDialectConfig, path: string) {
    super(config)
    this.#path = path
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= patient(await super.acquireConnection(), this.#path)
    return this.#connection
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** Runs a busy statement again, which is safe because it has changed nothing. */
function patient(connection: DatabaseConnection, path: string): DatabaseConnection {
  return {
    async executeQuery(query) {
      const start = performance.now()
      for (let attempt = 0; ; attempt++) {
        try {
          return await connection.executeQuery(query)
        } catch (error) {
          if (!isBusy(error)) throw placeError(error, path)
          if (performance.now() - start > PATIENCE_MS) {
            throw new MartletError(
              'CATALOG_BUSY',
              `The catalog ${path} was locked by another process for ${PATIENCE_MS / 1000} seconds. ` +
                'Find a process that is stuck in a transaction, and end it.',
              { data: { path }, cause: error },
            )
          }
          await sleep(Math.random() * Math.min(100, 2 << Math.min(attempt, 6)))
        }
      }
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  }
}

/** Explains errors that come from the file or its disk, not from the statement. */
function placeError(error: unknown, path: string): unknown {
  if (isFull(error)) return diskFull(error, path)
  if (sqliteCode(error).startsWith('SQLITE_READONLY')) {
    return new MartletError(
      'CATALOG_READ_ONLY',
      `The catalog ${path} cannot be written: its disk is mounted read-only, or this user may not write its file or folder. ` +
        'Mount the disk writable, or change the permissions.',
      { data: { path }, cause: error },
    )
  }
  return error
}

function diskFull(cause: unknown, path: string): MartletError {
  return new MartletError(
    'DISK_FULL',
    `The disk of the catalog ${path} is full. Free some space and run the same command again. ` +
      'What was committed before is kept, and nothing was half written.',
    { data: { path }, cause },
  )
}

/** SHMSIZE: there is no space for the index of the write-ahead log, which every process that opens the file needs. */
function isFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'].includes(sqliteCode(error))
}

function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error))
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
