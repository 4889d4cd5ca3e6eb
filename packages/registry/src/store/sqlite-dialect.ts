import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError, sql } from '@martlet/warehouse'
import { createTables } from './create-tables.ts'
import type { RegistryDb, StoreDialect } from './store-dialect.ts'

const PATIENCE_MS = 30_000

/** SQLite: one writer at a time across processes, by BEGIN IMMEDIATE. */
export const sqliteDialect: StoreDialect = {
  async ensure(db) {
    const { rows } = await sql<{
      count: number
    }>`select count(*) as count from sqlite_master where name in ('registry_format', 'rollout_evidence')`.execute(db)
    if (rows[0]?.count === 2) return
    await exclusive(db, async (db) => {
      await createTables(db)
      for (const change of ['update', 'delete'] as const)
        await sql`create trigger if not exists ${sql.id(`model_alias_moves_no_${change}`)} before ${sql.raw(change)} on model_alias_moves
          begin select raise(abort, 'model_alias_moves is append-only'); end`.execute(db)
      await sql`create trigger if not exists model_versions_no_delete before delete on model_versions
          begin select raise(abort, 'versions are kept so that their numbers are never used again'); end`.execute(db)
      await sql`create view if not exists registry_format as select 1 as format`.execute(db)
    })
  },
  exclusive,
  briefly,
}

async function exclusive<T>(db: RegistryDb, work: (db: RegistryDb) => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await attempt(db, work)
    } catch (error) {
      if (!isBusy(error)) throw error
      if (Date.now() > end)
        throw new MartletError(
          'CATALOG_BUSY',
          `Another process kept the catalog locked for ${PATIENCE_MS / 1000} s, so nothing was changed. Try again.`,
          { cause: error },
        )
      await sleep(5 + Math.random() * 45)
    }
  }
}

async function attempt<T>(db: RegistryDb, work: (db: RegistryDb) => Promise<T>): Promise<T> {
  return db.connection().execute((connection) => inTransaction(connection, work))
}

async function inTransaction<T>(connection: RegistryDb, work: (db: RegistryDb) => Promise<T>): Promise<T> {
  await sql`begin immediate`.execute(connection)
  try {
    const result = await work(connection)
    await sql`commit`.execute(connection)
    return result
  } catch (error) {
    // SQLite may have rolled back by itself, as on a full disk; the first error is the one to report.
    await sql`rollback`.execute(connection).catch(() => undefined)
    throw error
  }
}

/**
 * In one transaction that does not wait for the disk: SQLite blocks the event loop while it does, for tenths of a second where others
 * write, too. A write-ahead log stays whole all the same.
 */
async function briefly<T>(db: RegistryDb, work: (db: RegistryDb) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(connection)
    const { rows: modes } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(connection)
    const before = rows[0]?.synchronous
    if (before === undefined || modes[0]?.journal_mode !== 'wal') return inTransaction(connection, work)
    await sql`pragma synchronous = normal`.execute(connection)
    try {
      return await inTransaction(connection, work)
    } finally {
      await sql`pragma synchronous = ${sql.raw(String(before))}`.execute(connection)
    }
  })
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_BUSY')
  )
}
