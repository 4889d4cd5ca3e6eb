import type { Kysely } from 'kysely'
import { openLockedSchema, type Warehouse } from '@martlet/warehouse'
import { catalogMigrations } from './migrations.ts'
import { migrate } from './migrate.ts'
import { snowflakeSchema } from './snowflake-schema.ts'
import { openSqlite } from './sqlite.ts'
import { sqliteSchema } from './sqlite-schema.ts'
import type { CatalogTables } from './tables.ts'

/** Definitions with their history, runs, watermarks, leases, quality results, lineage and the audit log. */
export interface Catalog extends AsyncDisposable {
  readonly db: Kysely<CatalogTables>
  close(): Promise<void>
}

export type CatalogPlace =
  /** A SQLite file. */
  | { readonly path: string }
  /** A schema of a Snowflake warehouse. Closing the catalog leaves the warehouse open. */
  | {
      readonly warehouse: Warehouse
      /** @default 'catalog' */
      readonly schema?: string
    }

/**
 * Opens the catalog, creating or upgrading its tables; any number of processes may have it open.
 * @throws MartletError CATALOG_OPEN_FAILED when the SQLite file cannot be opened
 * @throws MartletError CATALOG_TOO_NEW when a newer version of Martlet has written the tables
 * @throws MartletError SNOWFLAKE_NEEDED when the warehouse is of another engine
 */
export async function openCatalog(place: CatalogPlace): Promise<Catalog> {
  const db =
    'path' in place
      ? openSqlite<CatalogTables>(place.path)
      : await openLockedSchema<CatalogTables>(place.warehouse, place.schema ?? 'catalog')
  try {
    await migrate(db, 'path' in place ? sqliteSchema : snowflakeSchema, 'catalog', catalogMigrations)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const close = (): Promise<void> => db.destroy()
  return { db, close, [Symbol.asyncDispose]: close }
}
