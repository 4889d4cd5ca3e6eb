import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rowsOf, runScript, sql, type Warehouse } from '@martlet/warehouse'

const ddl = join(import.meta.dirname, '../../sql/duckdb')

/** Creates the tables and views of the example. */
export async function createTables(warehouse: Warehouse): Promise<void> {
  for (const file of (await readdir(ddl)).toSorted())
    await runScript(warehouse, await readFile(join(ddl, file), 'utf8'))
}

/** The rows of a query as objects. */
export async function rowsFrom(warehouse: Warehouse, text: string): Promise<readonly Record<string, unknown>[]> {
  return rowsOf(await warehouse.read(sql.raw(text)))
}
