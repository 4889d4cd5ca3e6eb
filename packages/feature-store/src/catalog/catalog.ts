import type { Kysely } from 'kysely'
import { catalogMigrations } from './migrations.ts'
import { migrate } from './migrate.ts'
import { openSqlite } from './sqlite.ts'
import type { CatalogTables } from './tables.ts'

/** Definitions with their history, runs, watermarks, leases, quality results, lineage and the audit log. */
export interface Catalog extends AsyncDisposable {
  readonly db: Kysely<CatalogTables>
  close(): Promise<void>
}

/**
 * Opens the catalog, creating or upgrading its tables; any number of processes may have it open.
 * @throws MartletError CATALOG_OPEN_FAILED, CATALOG_TOO_NEW
 */
export async function openCatalog(options: { readonly path: string }): Promise<Catalog> {
  const db = openSqlite<CatalogTables>(options.path)
  try {
    await migrate(db, 'catalog', catalogMigrations)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const close = (): Promise<void> => db.destroy()
  return { db, close, [Symbol.asyncDispose]: close }
}
