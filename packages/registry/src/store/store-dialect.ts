import { MartletError } from '@martlet/warehouse'
import type { Kysely } from 'kysely'
import type { RegistryTables } from './tables.ts'

export type RegistryDb = Kysely<RegistryTables>

/** What differs between the engines that can hold a registry. */
export interface StoreDialect {
  /** The same connection, reading from where the registry's tables are. @default the connection itself */
  readonly place?: (db: RegistryDb) => RegistryDb
  /** Creates the tables that do not exist. Several processes may do so at the same time. */
  ensure(db: RegistryDb): Promise<void>
  /**
   * Runs `work` in a transaction that no other writer overlaps, so that what it reads is still true when it commits.
   * Any error rolls back and is rethrown.
   *
   * @throws MartletError CATALOG_BUSY when other writers keep the catalog locked
   */
  exclusive<T>(db: RegistryDb, work: (db: RegistryDb) => Promise<T>): Promise<T>
  /**
   * Runs writes of counts that need no lock and may be lost with the machine, so that a process that answers requests does not wait
   * for its disk. They are visible to others at once. @default they are written like all others
   */
  readonly briefly?: <T>(db: RegistryDb, work: (db: RegistryDb) => Promise<T>) => Promise<T>
}

/** The same connection, typed for the registry's tables; its caller's type may have other tables. */
export function registryDb(db: unknown): RegistryDb {
  if (isKysely(db)) return db
  throw new MartletError(
    'CATALOG_INVALID',
    '`db` is not a Kysely. Pass the catalog, opened with `new Kysely({ dialect })`.',
  )
}

function isKysely(db: unknown): db is RegistryDb {
  return typeof db === 'object' && db !== null && 'selectFrom' in db && 'connection' in db && 'schema' in db
}
