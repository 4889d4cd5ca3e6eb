import type { ColumnVector } from '../column.ts'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import { ensureTable } from '../table/ensure-table.ts'
import type { Warehouse } from '../warehouse.ts'
import { sql, type Sql } from '../sql.ts'

/** Calls `work` with a DuckDB and a query on it for the rows of vectors, whose columns have these names. */
export async function vectorsAsQuery<T>(
  vectors: readonly ColumnVector[],
  rows: number,
  names: readonly string[],
  work: (reader: Warehouse, query: Sql) => Promise<T>,
): Promise<T> {
  await using reader = await openDuckDb()
  await ensureTable(reader, {
    table: 'batch',
    columns: vectors.map(({ type }, index) => ({ name: names[index] ?? `column_${index}`, type })),
  })
  await reader.append('batch', { rows, names, columns: vectors })
  return await work(reader, sql`SELECT * FROM ${sql.id('batch')}`)
}
