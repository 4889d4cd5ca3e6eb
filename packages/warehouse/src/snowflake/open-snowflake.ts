import type { Warehouse } from '../warehouse.ts'
import type { SnowflakeOptions } from './options.ts'

/**
 * Opens a Snowflake account as a warehouse, through the optional package `snowflake-sdk`, which is loaded at the first call.
 * It has been tested against a double on this machine only, never against an account.
 *
 * Errors: `WAREHOUSE_OPTIONS`, `SNOWFLAKE_SDK_MISSING`, `WAREHOUSE_OPEN_FAILED`.
 */
export async function openSnowflake(options: SnowflakeOptions): Promise<Warehouse> {
  const { openWarehouse } = await import('./snowflake-warehouse.ts')
  return openWarehouse(options)
}
