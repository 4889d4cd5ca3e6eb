import { sql, tableRef, type ColumnVector, type Warehouse } from '@martlet/warehouse'

export interface StoredTable {
  readonly columns: readonly string[]
  /** One line per row, every value exact, sorted. */
  readonly lines: readonly string[]
}

/** Tables and views of the warehouse, as `schema.name`. */
export async function tableNames(warehouse: Warehouse): Promise<readonly string[]> {
  const tables = await warehouse.db.introspection.getTables()
  return tables.map(({ schema, name }) => `${schema}.${name}`).toSorted()
}

/** Every row of a table or view, without columns that name a run or the time it ran. */
export async function storedTable(
  warehouse: Warehouse,
  table: string,
  without: readonly string[],
): Promise<StoredTable> {
  const wide = await wideColumns(warehouse, table)
  const types = new Map((await warehouse.introspect(table))?.map(({ name, type }) => [name, type]))
  const { names } = await warehouse.read(sql`SELECT * FROM ${tableRef(table)} LIMIT 0`)
  // Some sums of whole numbers have more digits than 64 bits hold, so whole numbers are read as text.
  const isWhole = (name: string): boolean =>
    ['bigint', 'integer'].some((type) => type === types.get(name)) || wide.has(name)
  const list = names.map((name) =>
    isWhole(name)
      ? sql`CAST(${sql.id(name)} AS ${warehouse.leaves.columnType('text')}) AS ${sql.id(name)}`
      : sql.id(name),
  )
  const batch = await warehouse.read(sql`SELECT ${sql.join(list)} FROM ${tableRef(table)}`)
  const kept = batch.names
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => !without.includes(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const cells = kept.map(({ name, index }) => {
    const column = batch.columns[index]
    if (column === undefined) throw new Error(`${table} has no column ${name}`)
    // An example is a value in the engine's own text, in which Snowflake's times have all six digits.
    if (name === 'example') return (row: number) => `${name}=${plainTimes(cellText(column, row))}`
    return (row: number) => `${name}=${cellText(column, row)}`
  })
  return {
    columns: kept.map(({ name }) => name),
    lines: Array.from({ length: batch.rows }, (_, row) => cells.map((cell) => cell(row)).join(' | ')).toSorted(),
  }
}

/** Rows that only one of the two has. */
export function differences(left: StoredTable, right: StoredTable): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of left.lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  for (const line of right.lines) counts.set(line, (counts.get(line) ?? 0) - 1)
  return [...counts].filter(([, count]) => count !== 0).map(([line, count]) => `${count > 0 ? '-' : '+'} ${line}`)
}

/** A text whose times have no digits that are zero. */
export function plainTimes(text: string): string {
  return text.replaceAll(/(\d\d:\d\d:\d\d)\.0{6}\b/g, '$1')
}

// A double's shortest text reads back as the same double; only the sign of zero is lost by it.
function cellText(column: ColumnVector, row: number): string {
  if (column.nulls?.[row] === 1) return 'null'
  const value = column.values[row]
  return Object.is(value, -0) ? '-0' : String(value)
}

async function wideColumns(warehouse: Warehouse, table: string): Promise<ReadonlySet<string>> {
  const found = (await warehouse.db.introspection.getTables()).find(({ schema, name }) => `${schema}.${name}` === table)
  return new Set(found?.columns.filter(({ dataType }) => dataType === 'HUGEINT').map(({ name }) => name))
}
