import { nearestFloat32 } from '@martlet/warehouse'
import type { FeatureValue } from './online-vectors.ts'

/** A value as one of the numbers of an array: NaN where it is missing, and whole numbers rounded once. */
export function numberOf(value: FeatureValue, target: Float32Array | Float64Array): number {
  if (value === null) return Number.NaN
  return typeof value === 'bigint' && target instanceof Float32Array ? nearestFloat32(value) : Number(value)
}
