import { mean } from 'simple-statistics'
import { profileCategories, profileNumbers } from '../profile/profile-arrays.ts'
import { centreOf, type CategoryProfile, type NumericProfile } from '../profile/reference-profile.ts'
import { ksStatistic } from '../statistics/ks-statistic.ts'
import { wasserstein } from '../statistics/wasserstein.ts'
import { pointsOf, type Point } from '../count/counted-edges.ts'
import { binNumbers, countCategories } from '../count/bin-array.ts'
import { categoryCells } from './category-cells.ts'
import { measureCategories, measureNumbers } from './measure.ts'
import type { Metric } from './metric.ts'

/** The comparison of two arrays: every metric, and the reference's profile. */
export interface ArrayComparison<P> {
  readonly profile: P
  readonly metrics: readonly Metric[]
}

/**
 * Compares two arrays of numbers in memory, exactly. Nulls, NaN and ±Infinity are left out.
 *
 * @example compareArrays([1, 2, 3, 4, 5], [3, 4, 5, 6, 7]).metrics.find(({ metric }) => metric === 'ks')?.p // 0.873015873015873
 */
export function compareArrays(
  reference: readonly (number | null)[],
  current: readonly (number | null)[],
): ArrayComparison<NumericProfile> {
  const profile = profileNumbers({ name: 'values', type: 'double' }, reference)
  const points = pointsOf(profile.edges)
  const left = finiteSorted(reference, points)
  const right = finiteSorted(current, points)
  const binned = binNumbers(current, profile.edges, centreOf(profile))
  if (left.length === 0 || right.length === 0) return { profile, metrics: measureNumbers(profile, binned) }
  const [low, high] = profile.limits ?? [0, 0]
  const clamp = (value: number): number => Math.min(high, Math.max(low, value))
  const [leftInside, rightInside] = [left.map(clamp), right.map(clamp)]
  const distances = {
    raw: wasserstein(left, right),
    inside: wasserstein(leftInside, rightInside),
    shift: mean([...rightInside]) - mean([...leftInside]),
  }
  return { profile, metrics: measureNumbers(profile, binned, { ks: ksStatistic(left, right), distances }) }
}

/** Compares two arrays of categories in memory. */
export function compareCategoryArrays(
  reference: readonly (string | boolean | null)[],
  current: readonly (string | boolean | null)[],
): ArrayComparison<CategoryProfile> {
  const profile = profileCategories({ name: 'values', type: 'text' }, reference)
  return { profile, metrics: measureCategories(categoryCells(profile, countCategories(current))) }
}

/** The finite values ascending; values that the bins count as one are made equal. */
function finiteSorted(values: readonly (number | null)[], points: readonly Point[]): Float64Array {
  const sorted = Float64Array.from(
    values.filter((value): value is number => value !== null && Number.isFinite(value)),
  ).sort()
  let next = 0
  return sorted.map((value) => {
    while (next < points.length && value > (points[next]?.upTo ?? Infinity)) next += 1
    const point = points[next]
    return point !== undefined && value > point.above ? point.value : value
  })
}
