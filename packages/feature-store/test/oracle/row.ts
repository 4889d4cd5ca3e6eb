/** Times are µs as numbers. */
export type Value = number | string | boolean | null
export type Row = Readonly<Record<string, Value>>

/** Numbers that are not finite count as missing. */
export function present(value: Value | undefined): Value {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value
}

/** Nulls first. */
export function compare(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
