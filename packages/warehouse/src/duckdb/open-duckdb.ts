import type { Warehouse } from '../warehouse.ts'
import { waitWhile } from '../wait-while.ts'
import type { DuckDbOptions } from './instances.ts'

/**
 * Opens a DuckDB file, or a private database in memory, as a warehouse. The engine is loaded at the first call, so that
 * processes that never open one, such as a feature server, do not pay for it.
 * @throws MartletError WAREHOUSE_LOCKED when another process has the file open, and still has after `wait`
 * @throws MartletError WAREHOUSE_OPEN_FAILED when the file cannot be opened as a DuckDB database
 * @throws MartletError WAREHOUSE_SETTINGS_DIFFER when this process has it open with other settings
 */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<Warehouse> {
  const { openWarehouse } = await import('./duckdb-warehouse.ts')
  return waitWhile('WAREHOUSE_LOCKED', options.wait, () => openWarehouse(options))
}
