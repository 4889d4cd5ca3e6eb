import type { FeatureValue } from '@martlet/feature-store'
import type { FeatureSource } from '@martlet/registry'
import { decimalNumber, decimalValue, type ColumnBatch, type ColumnType, type ColumnVector } from '@martlet/warehouse'

/** A field of a model's vector. */
export interface VectorColumn {
  readonly field: string
  readonly type: ColumnType
}

/** Rows of a batch as features of a model, by their places in `rows`, as an online store would give them. */
export function batchSource(
  batch: ColumnBatch,
  fields: readonly VectorColumn[],
  rows: readonly number[],
): FeatureSource {
  const vectors = fields.map(({ field }) => batch.columns[batch.names.indexOf(field)])
  return {
    rows: rows.length,
    value: (row, field) => featureValue(vectors[field], rows[row] ?? -1, fields[field]?.type ?? 'text'),
  }
}

/** A value of a column that a warehouse gave, as one of its declared type: engines may store it as another. */
export function featureValue(vector: ColumnVector | undefined, row: number, type: ColumnType): FeatureValue {
  if (vector === undefined || vector.nulls?.[row] === 1) return null
  const value = vector.values[row]
  if (value === undefined) return null
  if (typeof vector.type === 'object' && typeof value === 'bigint') {
    const [, scale] = vector.type.decimal
    return typeof type === 'object' ? decimalValue(value, scale) : decimalNumber(value, scale)
  }
  if (typeof type === 'object') return typeof value === 'bigint' ? decimalValue(value, 0) : value
  switch (type) {
    case 'boolean':
      return value === 1
    case 'bigint':
    case 'timestamp':
      return BigInt(value)
    case 'text':
      return value
    default:
      return Number(value)
  }
}
