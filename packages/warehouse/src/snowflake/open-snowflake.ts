import type { Warehouse } from '../warehouse.ts'
import type { SnowflakeOptions } from './options.ts'

/**
 * Opens a Snowflake account as a warehouse, through the optional package `snowflake-sdk`, which is loaded at the first call.
 * It has been tested only against a double on this machine, never against an account.
 * @throws MartletError WAREHOUSE_OPTIONS when an option is not valid
 * @throws MartletError SNOWFLAKE_SDK_MISSING when the package cannot be loaded
 * @throws MartletError WAREHOUSE_OPEN_FAILED when the login fails, or what it names does not exist
 */
export async function openSnowflake(options: SnowflakeOptions): Promise<Warehouse> {
  const { openWarehouse } = await import('./snowflake-warehouse.ts')
  return openWarehouse(options)
}
