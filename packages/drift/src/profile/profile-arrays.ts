import { MartletError } from '@martlet/warehouse'
import { binNumbers, countCategories } from '../count/bin-array.ts'
import { binEdges, EDGE_LEVELS } from '../count/bin-edges.ts'
import { categoryProfile } from './category-profile.ts'
import { interpolate } from './interpolate.ts'
import { numberProfile } from './number-profile.ts'
import type { CategoryProfile, NumericProfile, ProfiledColumn } from './reference-profile.ts'

/** Profiles one number column held in memory; NaN and ±Infinity are counted, not measured. */
export function profileNumbers(column: ProfiledColumn, values: readonly (number | null)[]): NumericProfile {
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const sorted = Float64Array.from(finite).sort()
  const bins = binEdges(sorted.length === 0 ? [] : EDGE_LEVELS.map((level) => quantile(sorted, level)))
  const facts = {
    origin: null,
    minimum: sorted[0] ?? null,
    maximum: sorted.at(-1) ?? null,
    exactEdges: true,
  }
  return numberProfile(column, facts, bins, binNumbers(values, bins.edges, bins.median ?? 0))
}

/** Profiles one category column held in memory. */
export function profileCategories(
  column: ProfiledColumn,
  values: readonly (string | boolean | null)[],
): CategoryProfile {
  return categoryProfile(column, countCategories(values))
}

/**
 * A quantile of an ascending array by linear interpolation, as in numpy and SQL's `quantile_cont` (simple-statistics does not
 * interpolate).
 *
 * @throws MartletError EMPTY_ARRAY when there are no numbers
 * @example quantile([1, 2, 3, 4], 0.5) // 2.5
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  if (sorted.length === 0)
    throw new MartletError('EMPTY_ARRAY', 'The array has no numbers, so it has no quantile. Check its length first.')
  const position = (sorted.length - 1) * level
  return interpolate(
    sorted[Math.floor(position)] ?? Number.NaN,
    sorted[Math.ceil(position)] ?? Number.NaN,
    position - Math.floor(position),
  )
}
