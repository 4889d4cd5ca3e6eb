import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rowsOf, runScript, sql, type Warehouse } from '@martlet/warehouse'

const ddl = join(import.meta.dirname, '../../../../sql')

/** Creates the tables of raw, staging and mart. */
export async function createTables(warehouse: Warehouse): Promise<void> {
  const folder = join(ddl, warehouse.engine, 'logistics')
  for (const file of (await readdir(folder)).toSorted())
    await runScript(warehouse, await readFile(join(folder, file), 'utf8'))
}

/** The rows of a query as objects. */
export async function rowsFrom(warehouse: Warehouse, text: string): Promise<readonly Record<string, unknown>[]> {
  return rowsOf(await warehouse.read(sql.raw(text)))
}

/** The first column of a query as texts, in their order. */
export async function textsFrom(warehouse: Warehouse, text: string): Promise<readonly string[]> {
  return (await rowsFrom(warehouse, text)).map((row) => String(Object.values(row)[0])).toSorted()
}
