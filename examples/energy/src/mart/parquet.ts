import { existsSync } from 'node:fs'
import { MartletError, tableRef, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'

/** Copies a Parquet file into a temporary table of this connection, as it is. Returns the number of rows. */
export async function stageParquet(warehouse: Warehouse, table: string, path: string): Promise<number> {
  if (!existsSync(path)) throw new MartletError('FILE_NOT_FOUND', `There is no file ${path} to load into ${table}.`, { data: { path, table } })
  return warehouse.run(sql`create or replace temporary table ${tableRef(table)} as select * from read_parquet(${path})`)
}
