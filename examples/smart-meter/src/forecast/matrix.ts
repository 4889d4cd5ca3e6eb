import type { ColumnBatch, ColumnVector } from '@martlet/warehouse'

/** Rows of numbers, one after the other; missing values are NaN. */
export interface Matrix {
  readonly rows: number
  readonly features: readonly string[]
  readonly values: Float64Array
}

export function matrixOf(batch: ColumnBatch, features: readonly string[]): Matrix {
  const values = new Float64Array(batch.rows * features.length)
  for (const [f, name] of features.entries()) {
    const column = numbersOf(batch, name)
    for (let row = 0; row < batch.rows; row++) values[row * features.length + f] = column[row] ?? Number.NaN
  }
  return { rows: batch.rows, features, values }
}

/** A column as doubles: null is NaN, true 1 and false 0, instants are microseconds. */
export function numbersOf(batch: ColumnBatch, name: string): Float64Array {
  const column: ColumnVector | undefined = batch.columns[batch.names.indexOf(name)]
  if (column === undefined) throw new Error(`there is no column ${name}, only ${batch.names.join(', ')}`)
  return Float64Array.from({ length: batch.rows }, (_, row) =>
    column.nulls?.[row] === 1 ? Number.NaN : Number(column.values[row]),
  )
}
