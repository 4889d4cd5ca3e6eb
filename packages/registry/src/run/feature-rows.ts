import type { FeatureValue } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { ModelSignature } from '../signature/signature.ts'

/** One row of features, in vector order or by name. Null is a missing value; no feature may be left out. */
export type FeatureRow = readonly FeatureValue[] | Readonly<Record<string, FeatureValue>>

/** Feature values, by row and by position in the vector. An `OnlineVectors` is one. */
export interface FeatureSource {
  readonly rows: number
  value(row: number, field: number): FeatureValue
  /** Writes a numeric field of all rows into `target[offset + row * stride]`, missing as NaN. */
  fill?(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void
}

/**
 * Reads rows from arrays or objects.
 *
 * @throws MartletError FEATURE_ROW_INVALID when a row has missing or unknown features
 */
export function sourceOf(signature: ModelSignature, rows: readonly FeatureRow[]): FeatureSource {
  const names = signature.fields.map(({ field }) => field)
  const table = rows.map((row, index) => (isVector(row) ? vector(row, names, index) : record(row, names, index)))
  return { rows: table.length, value: (row, field) => table[row]?.[field] ?? null }
}

function isVector(row: FeatureRow): row is readonly FeatureValue[] {
  return Array.isArray(row)
}

function vector(row: readonly FeatureValue[], names: readonly string[], index: number): readonly FeatureValue[] {
  if (row.length === names.length) return row
  throw new MartletError(
    'FEATURE_ROW_INVALID',
    `Row ${index} has ${row.length} values, but the model takes ${names.length} features. Pass null for missing ones.`,
    { data: { row: index } },
  )
}

function record(
  row: Readonly<Record<string, FeatureValue>>,
  names: readonly string[],
  index: number,
): readonly FeatureValue[] {
  const missing = names.filter((name) => row[name] === undefined)
  const unknown = Object.keys(row).filter((name) => !names.includes(name))
  if (missing.length + unknown.length === 0) return names.map((name) => row[name] ?? null)
  const problems = [
    ...missing.map((name) => `lacks ${JSON.stringify(name)}`),
    ...unknown.map((name) => `has ${JSON.stringify(name)}, which the model does not take`),
  ]
  throw new MartletError('FEATURE_ROW_INVALID', `Row ${index} ${problems.join(', ')}. Pass a missing value as null.`, {
    data: { row: index, missing, unknown },
  })
}
