import { sql, tableRef } from '@martlet/warehouse'
import type { ColumnSpec, ColumnVector, Sql, Warehouse } from '@martlet/warehouse'

/** Rows in a warehouse: the name of a table or view, or a query. A query is computed once into a temporary table. */
export type Relation = string | Sql

/** What can stand behind FROM. */
export function fromRelation(relation: Relation): Sql {
  return typeof relation === 'string' ? tableRef(relation) : sql`(${relation}) AS relation_rows`
}

/** The columns that a relation has now, by asking for none of its rows. */
export async function relationColumns(warehouse: Warehouse, relation: Relation): Promise<readonly ColumnSpec[]> {
  if (typeof relation === 'string') {
    const columns = await warehouse.introspect(relation)
    if (columns !== undefined) return columns
  }
  const batch = await warehouse.read(sql`SELECT * FROM ${fromRelation(relation)} LIMIT 0`)
  return batch.names.map((name, index) => ({ name, type: vectorType(batch.columns[index]) }))
}

function vectorType(vector: ColumnVector | undefined): ColumnVector['type'] {
  return vector?.type ?? 'text'
}
