import type { ColumnVector } from '@martlet/warehouse'

/** A result column as plain numbers; nulls become NaN. For counts and sums, which fit a double. */
export function numbersOf(vector: ColumnVector): number[] {
  const values = Array.from<unknown, number>(vector.values, Number)
  const { nulls } = vector
  return nulls === null ? values : values.map((value, row) => (nulls[row] === 1 ? Number.NaN : value))
}

/** A text column as strings; nulls stay null. */
export function textsOf(vector: ColumnVector | undefined): (string | null)[] {
  if (vector === undefined) return []
  const { nulls } = vector
  return Array.from<unknown, string | null>(vector.values, (value, row) =>
    nulls !== null && nulls[row] === 1 ? null : String(value),
  )
}
