import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'

export type Value = string | number | bigint | boolean | Date | null
export type Row = Readonly<Record<string, Value>>

/** The rows of a query, with its place for a value as `?`. */
export async function rowsFrom(
  warehouse: Warehouse,
  text: string,
  ...values: readonly string[]
): Promise<readonly Row[]> {
  const parts = text.split('?')
  const query = parts.reduce(
    (whole, part, at) => (at === 0 ? sql.raw(part) : sql`${whole}${values[at - 1] ?? ''}${sql.raw(part)}`),
    sql.raw(''),
  )
  return rowsOf<Row>(await warehouse.read(query))
}

/** A value that is a number, or NaN. */
export function numberOf(value: Value | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value)
}
