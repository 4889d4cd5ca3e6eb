import { justBelow } from '../../count/bin-edges.ts'
import type { NumericProfile } from '../../profile/reference-profile.ts'
import { kolmogorovTwoSidedTail } from '../../statistics/kolmogorov-two-sided.ts'
import { ksExact } from '../../statistics/ks-exact.ts'
import type { KsGap } from '../../statistics/ks-statistic.ts'
import { metric } from '../metric.ts'
import type { Metric } from '../metric.ts'
import type { BinnedNumbers } from '../../count/binned-column.ts'

/** The mean of Kolmogorov's law, √(π/2)·ln 2: what √(nm/(n+m))·D shows on average when nothing changed. */
const meanOfKolmogorov = 0.8687311606361592
/** Above this many lattice cells the exact count takes longer than its precision is worth. */
const exactCells = 1_000_000

/**
 * The largest gap between the cumulative shares, from bins: an interval that certainly holds the exact statistic.
 *
 * At an edge the gap is exact: the largest of those is the lower end (and the value). Inside a bin (l, r] the gap is at most
 * `max(F(r) − G(l), G(r) − F(l))`. The p belongs to the lower end, so the exact p is not larger (beyond chance of ties).
 */
export function ksFromBins(profile: NumericProfile, current: BinnedNumbers): Metric {
  const n = profile.finite
  const m = current.finite
  if (n === 0 || m === 0)
    return metric('ks', null, { reason: n === 0 ? 'the reference has no values' : 'the window has no values' })
  let low = 0
  let high = 0
  let i = 0
  let j = 0
  for (const [bin, count] of profile.counts.entries()) {
    const before = { i, j }
    i += count
    j += current.counts[bin] ?? 0
    low = Math.max(low, Math.abs(i * m - j * n))
    if (!holdsOneValue(profile, bin)) high = Math.max(high, inside(i, before.i, j, before.j, n, m))
  }
  return result(low, n, m, [low / n / m, Math.max(low, high) / n / m])
}

/** What a gap inside one bin could reach; 0 in a bin that only one side, or neither, has values in. */
function inside(i: number, iBefore: number, j: number, jBefore: number, n: number, m: number): number {
  if (i === iBefore || j === jBefore) return 0
  return Math.max(i * m - jBefore * n, j * n - iBefore * m)
}

/** Whether a bin can hold only one value, so that its only gap is at its edge. */
function holdsOneValue(profile: NumericProfile, bin: number): boolean {
  const left = profile.edges[bin - 1]
  const right = profile.edges[bin]
  if (left === undefined || right === undefined) return false
  const whole =
    profile.type === 'integer' ||
    profile.type === 'bigint' ||
    (typeof profile.type === 'object' && profile.type.decimal[1] === 0)
  return left >= justBelow(right) || (whole && Math.floor(right) - Math.floor(left) <= 1)
}

/** The exact statistic, from rows or from the warehouse. */
export function ksExactly(gap: Pick<KsGap, 'scaled'>, n: number, m: number): Metric {
  if (n === 0 || m === 0)
    return metric('ks', null, { reason: n === 0 ? 'the reference has no values' : 'the window has no values' })
  return result(gap.scaled, n, m, null)
}

function result(scaled: number, n: number, m: number, interval: readonly [number, number] | null): Metric {
  const value = scaled / n / m
  const noise = meanOfKolmogorov * Math.sqrt(1 / n + 1 / m)
  const p =
    n * m <= exactCells
      ? ksExact(n, m, scaled)
      : kolmogorovTwoSidedTail(value, Math.max(1, Math.round((n / (n + m)) * m)), 20_000)
  const certain = interval === null || interval[1] === interval[0] ? null : interval
  return metric('ks', value, { effect: Math.max(0, value - noise), noise, interval: certain, p, logP: Math.log(p) })
}
