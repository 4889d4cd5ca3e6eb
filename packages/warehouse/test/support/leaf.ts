import type { Sql, Warehouse } from '@martlet/warehouse'
import { rowsOf } from '@martlet/warehouse'

/** The text of a leaf on one line; parameters stay as placeholders. */
export function textOf(warehouse: Warehouse, leaf: Sql): string {
  return warehouse.compile(leaf).sql.replaceAll(/\s+/g, ' ').trim()
}

/** The only cell of a query, as a plain value. */
export async function valueOf(warehouse: Warehouse, query: Sql): Promise<unknown> {
  const [row] = rowsOf(await warehouse.read(query))
  return row === undefined ? undefined : Object.values(row)[0]
}
