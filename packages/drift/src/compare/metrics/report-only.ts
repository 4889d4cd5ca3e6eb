import { hellinger } from '../../statistics/hellinger.ts'
import { kullbackLeibler } from '../../statistics/kullback-leibler.ts'
import { lInfinity } from '../../statistics/l-infinity.ts'
import { shares, smoothedShares } from '../../statistics/shares.ts'
import { totalVariation } from '../../statistics/total-variation.ts'
import { metric } from '../metric.ts'
import type { Metric } from '../metric.ts'

/** Distances that are shown but decide nothing: each is a view of the same bins. */
export function reportOnly(reference: readonly number[], current: readonly number[]): readonly Metric[] {
  const p = shares(reference)
  const q = shares(current)
  if (p.every((share) => share === 0) || q.every((share) => share === 0)) return []
  return [
    metric('totalVariation', totalVariation(p, q)),
    metric('lInfinity', lInfinity(p, q)),
    metric('hellinger', hellinger(p, q)),
    metric('kl', kullbackLeibler(smoothedShares(reference), smoothedShares(current))),
  ]
}
