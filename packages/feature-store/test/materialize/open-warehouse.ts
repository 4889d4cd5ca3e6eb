import { join } from 'node:path'
import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { openDouble } from '../../../warehouse/test/snowflake/double/open-double.ts'

/** The warehouse of a site, from whatever process. */
export function openWarehouse(path: string, url: string | undefined): Promise<Warehouse> {
  return url === undefined || url === '' ? openDuckDb({ path: join(path, 'warehouse.duckdb') }) : openDouble({ url })
}
