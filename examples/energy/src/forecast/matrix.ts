import type { ColumnBatch, ColumnVector } from '@martlet/warehouse'

/** A training set as numbers: rows × features in one array, missing values NaN. */
export interface FeatureMatrix {
  readonly rows: number
  readonly features: readonly string[]
  readonly values: Float64Array
}

export function featureMatrix(batch: ColumnBatch, features: readonly string[]): FeatureMatrix {
  const values = new Float64Array(batch.rows * features.length)
  features.forEach((name, f) => {
    const column = numbersOf(batch, name)
    for (let row = 0; row < batch.rows; row++) values[row * features.length + f] = column[row] ?? Number.NaN
  })
  return { rows: batch.rows, features, values }
}

/** One column as doubles, null as NaN. */
export function numbersOf(batch: ColumnBatch, name: string): Float64Array {
  const column = batch.columns[batch.names.indexOf(name)]
  if (column === undefined) throw new Error(`the training set has no column ${name}; it has ${batch.names.join(', ')}`)
  return Float64Array.from({ length: batch.rows }, (_, row) => numberAt(column, row))
}

function numberAt(column: ColumnVector, row: number): number {
  if (column.nulls?.[row] === 1) return Number.NaN
  const value = column.values[row]
  return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : Number.NaN
}
