import { sql, tableRef, type ColumnBatch, type ColumnVector, type Warehouse } from '@martlet/warehouse'

export interface Compared {
  readonly table: string
  readonly rows: number
  readonly values: number
  /** Values that are not null. */
  readonly known: number
  /** Doubles that are close and not the same. */
  readonly close: number
  /** What differs, as text. */
  readonly wrong: readonly string[]
}

/** How far doubles may be apart, as a share of the larger one. */
const TOLERANCE = 1e-9

/**
 * Every value of a table on two engines, row for row in the order of its key: doubles within the tolerance, everything else
 * exactly. Only the ids of runs are passed over.
 */
export async function compareTables(
  engines: readonly [Warehouse, Warehouse],
  table: string,
  key: readonly string[],
): Promise<Compared> {
  const [left, right] = await Promise.all(engines.map((one) => orderedRows(one, table, key)))
  if (left === undefined || right === undefined) throw new Error(`${table} was not read on both engines`)
  const names = left.names.join()
  const wrong: string[] = []
  if (right.names.join() !== names) wrong.push(`columns ${names} and ${right.names.join()}`)
  if (right.rows !== left.rows) wrong.push(`${left.rows} and ${right.rows} rows`)
  const counts = { values: 0, known: 0, close: 0 }
  if (wrong.length > 0) return { table, rows: left.rows, ...counts, wrong }
  for (const [at, name] of left.names.entries()) {
    if (name === 'run_id') continue
    const [one, other] = [cellsOf(left, at), cellsOf(right, at)]
    for (const [row, value] of one.entries()) {
      const second = other[row]
      counts.values += 1
      if (value !== null) counts.known += 1
      if (Object.is(value, second)) continue
      if (isClose(value, second)) counts.close += 1
      else wrong.push(`${name} of row ${row}: ${shown(value)} and ${shown(second)}`)
    }
  }
  return { table, rows: left.rows, ...counts, wrong }
}

async function orderedRows(warehouse: Warehouse, table: string, key: readonly string[]): Promise<ColumnBatch> {
  return warehouse.read(
    sql`SELECT * FROM ${tableRef(table)} AS t ORDER BY ${sql.join(key.map((name) => sql.id(name)))}`,
  )
}

type Cell = number | bigint | string | null

function cellsOf(batch: ColumnBatch, at: number): readonly Cell[] {
  const column: ColumnVector | undefined = batch.columns[at]
  if (column === undefined) throw new Error(`no column ${at}`)
  const { type, nulls } = column
  const values: readonly Cell[] = [...column.values]
  // A whole number is an integer on one engine and a bigint on the other.
  const cell = (value: Cell): Cell => (type === 'integer' ? BigInt(value ?? 0) : value)
  return values.map((value, row) => (nulls?.[row] === 1 ? null : cell(value)))
}

function isClose(one: Cell | undefined, other: Cell | undefined): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return false
  return Math.abs(one - other) <= TOLERANCE * Math.max(Math.abs(one), Math.abs(other))
}

function shown(value: Cell | undefined): string {
  return value === null ? 'null' : `${String(value)} (${typeof value})`
}
