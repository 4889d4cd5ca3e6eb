import { sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'

/** Rows in a warehouse: the name of a table or view, or a query. A query is computed once into a temporary table. */
export type Relation = string | Sql

/** A relation as FROM takes it. */
export function fromRelation(relation: Relation): Sql {
  return typeof relation === 'string' ? tableRef(relation) : sql`(${relation}) AS relation_rows`
}

/** The columns that a relation has now, read without any of its rows. */
export async function relationColumns(warehouse: Warehouse, relation: Relation): Promise<readonly ColumnSpec[]> {
  if (typeof relation === 'string') {
    const columns = await warehouse.introspect(relation)
    if (columns !== undefined) return columns
  }
  const batch = await warehouse.read(sql`SELECT * FROM ${fromRelation(relation)} LIMIT 0`)
  return batch.names.map((name, index) => ({ name, type: batch.columns[index]?.type ?? 'text' }))
}
