import type { Warehouse } from '../warehouse.ts'
import { waitWhile } from '../wait-while.ts'
import type { DuckDbOptions } from './instances.ts'

/**
 * Opens a DuckDB file, or a private database in memory, as a warehouse. The engine is loaded at the first call, so that
 * processes which never open one (a server of features) do not pay for it.
 *
 * Errors: `WAREHOUSE_LOCKED` when another process has the file open, and still has after `wait`, `WAREHOUSE_OPEN_FAILED`, `WAREHOUSE_SETTINGS_DIFFER`.
 */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<Warehouse> {
  const { openWarehouse } = await import('./duckdb-warehouse.ts')
  return waitWhile('WAREHOUSE_LOCKED', options.wait, () => openWarehouse(options))
}
