import { isDecimalVector, type ColumnBatch, type ColumnVector } from '@martlet/warehouse'

/** Rows as a model sees them: one float32 column per feature, NaN where a value is missing. */
export interface FeatureMatrix {
  readonly rows: number
  readonly features: readonly string[]
  readonly columns: readonly Float32Array[]
}

/** @throws Error when a feature is not a number, or is not in the batch */
export function featureMatrix(batch: ColumnBatch, features: readonly string[]): FeatureMatrix {
  return {
    rows: batch.rows,
    features,
    columns: features.map((name) =>
      Float32Array.from(numbersOf(batch, name), (value) => (Number.isFinite(value) ? value : Number.NaN)),
    ),
  }
}

/** A column as doubles: null is NaN, true 1 and false 0. */
export function numbersOf(batch: ColumnBatch, name: string): Float64Array {
  const column = columnOf(batch, name)
  if (column.type === 'text' || column.type === 'timestamp' || column.type === 'date')
    throw new Error(`${name} is ${column.type}, and a model of numbers cannot take it`)
  const unit = isDecimalVector(column) ? 10 ** column.type.decimal[1] : 1
  return Float64Array.from({ length: batch.rows }, (_, row) =>
    column.nulls?.[row] === 1 ? Number.NaN : Number(column.values[row]) / unit,
  )
}

/** A column of text; null is an empty text. */
export function textsOf(batch: ColumnBatch, name: string): readonly string[] {
  const column = columnOf(batch, name)
  if (column.type !== 'text') throw new Error(`${name} is not text`)
  return column.values.map((value, row) => (column.nulls?.[row] === 1 ? '' : value))
}

function columnOf(batch: ColumnBatch, name: string): ColumnVector {
  const column = batch.columns[batch.names.indexOf(name)]
  if (column === undefined) throw new Error(`there is no column ${name}, only ${batch.names.join(', ')}`)
  return column
}

/** The rows that meet a condition, by number. */
export function rowsWhere(rows: number, keep: (row: number) => boolean): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row).filter(keep)
}
