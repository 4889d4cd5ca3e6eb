import { dropTable, ensureTable, sql, tableRef, type ColumnType, type Warehouse } from '@martlet/warehouse'

/** Values as SQL writes them in quotes; null: null. */
export type TextRow = Readonly<Record<string, string | null>>

/** A table with these rows and no others, of whatever types: an engine casts texts to them. */
export async function fillTable(
  warehouse: Warehouse,
  table: string,
  types: Readonly<Record<string, ColumnType>>,
  rows: readonly TextRow[],
): Promise<void> {
  await dropTable(warehouse, table)
  await ensureTable(warehouse, { table, columns: Object.entries(types).map(([name, type]) => ({ name, type })) })
  if (rows.length === 0) return
  const tuples = rows.map((row) => {
    const values = Object.entries(types).map(([name, type]) => {
      const value = row[name] ?? null
      return sql`CAST(${value === null ? sql`NULL` : sql.lit(value)} AS ${warehouse.leaves.columnType(type)})`
    })
    return sql`SELECT ${sql.join(values)}`
  })
  await warehouse.run(sql`INSERT INTO ${tableRef(table)} ${sql.join(tuples, sql` UNION ALL `)}`)
}
