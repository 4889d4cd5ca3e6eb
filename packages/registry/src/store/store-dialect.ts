import { MartletError } from '@martlet/warehouse'
import type { Kysely } from 'kysely'
import type { RegistryTables } from './tables.ts'

export type RegistryDb = Kysely<RegistryTables>

/** What the registry needs from an engine beyond portable SQL. */
export interface StoreDialect {
  /** The same connection, looking where the registry's tables are. @default as it is */
  readonly place?: (db: RegistryDb) => RegistryDb
  /** Creates the tables that do not exist. Safe to run by several processes at once. */
  ensure(db: RegistryDb): Promise<void>
  /**
   * Runs `work` in a transaction that no other writer overlaps, so that what it reads is still true when it commits.
   * Any error rolls back and is rethrown. Rejects with `CATALOG_BUSY` when other writers do not let go.
   */
  exclusive<T>(db: RegistryDb, work: (db: RegistryDb) => Promise<T>): Promise<T>
}

/** The same connection, typed for the registry's tables: whoever opened it may know other tables. */
export function registryDb(db: unknown): RegistryDb {
  if (isKysely(db)) return db
  throw new MartletError(
    'CATALOG_INVALID',
    'The registry needs a Kysely on the catalog, opened with `new Kysely({ dialect })`.',
  )
}

function isKysely(db: unknown): db is RegistryDb {
  return typeof db === 'object' && db !== null && 'selectFrom' in db && 'connection' in db && 'schema' in db
}
