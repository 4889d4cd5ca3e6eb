import type { Floor } from '../compare/floor.ts'
import type { DecidingMetric } from '../compare/metrics/list.ts'
import { isSquared } from '../compare/metrics/lookup.ts'
import type { ColumnProfile } from '../profile/reference-profile.ts'
import { studentQuantile } from '../statistics/student.ts'
import { ownFloors, type DriftPolicy } from './policy.ts'
import { significant } from './stable-number.ts'

/** The floor of a metric of a column. */
export interface ColumnFloor extends Floor {
  /** From how many reference windows it was learnt; 0: it is the policy's. */
  readonly learntFrom: number
}

/**
 * The column's own floor, the policy's, or what the next unchanged window stays below with chance 1 − α by what the reference's own windows
 * showed. The critical floor stays as many times as high.
 */
export function floorOf(
  { name, spread }: Pick<ColumnProfile, 'spread'> & Partial<Pick<ColumnProfile, 'name'>>,
  metric: DecidingMetric,
  policy: DriftPolicy,
): ColumnFloor {
  const own = name === undefined ? undefined : ownFloors(policy, name)?.[metric]
  if (own !== undefined) return { ...own, learntFrom: 0 }
  const floor = policy.floors[metric]
  const values = spread?.[metric] ?? []
  const limit =
    policy.learnt === 'never' || values.length < 2
      ? null
      : predictionLimit(values, policy.alpha, isSquared(metric) ? 4 : 2)
  if (limit === null || (policy.learnt === 'atLeast' && limit <= floor.warn)) return { ...floor, learntFrom: 0 }
  const warn = significant(limit, 6)
  const crit = floor.warn > 0 ? significant(limit * (floor.crit / floor.warn), 6) : Math.max(floor.crit, warn)
  return { warn, crit, learntFrom: values.length }
}

/**
 * The limit that the next value of the same law exceeds with chance α: Student's prediction limit of the `root`-th roots,
 * `mean + t(k−1, 1−α) · s · √(1 + 1/k)`, and back.
 *
 * Distances between windows whose levels differ have a long tail: on their own scale the limit is exceeded three to seven
 * times as often as it says. Their square roots (of squared distances the fourth) are close enough to normal.
 *
 * @example predictionLimit([0.04, 0.09, 0.16, 0.09, 0.04, 0.25], 0.01, 2) // 0.549912413…
 */
export function predictionLimit(values: readonly number[], alpha: number, root: number): number {
  const k = values.length
  const roots = values.map((value) => Math.max(0, value) ** (1 / root))
  const mean = roots.reduce((sum, value) => sum + value, 0) / k
  const variance = roots.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (k - 1)
  return Math.max(0, mean + studentQuantile(alpha, k - 1) * Math.sqrt(variance * (1 + 1 / k))) ** root
}
