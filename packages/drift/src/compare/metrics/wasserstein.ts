import { centreOf } from '../../profile/reference-profile.ts'
import type { NumericProfile } from '../../profile/reference-profile.ts'
import { metric } from '../metric.ts'
import type { Metric } from '../metric.ts'
import type { BinnedNumbers } from '../../count/binned-column.ts'

/** How far values moved, in their own unit, in standard deviations, and robustly. */
export interface Distances {
  readonly raw: number
  /** Between the winsor limits only: what is left after both sides are winsorised at the reference's limits. */
  readonly inside: number
  /** Winsorised mean of the window minus that of the reference. */
  readonly shift: number
}

/** The three Wasserstein-1 metrics of a column. Decisions rest on the robust one. */
export function wassersteinMetrics(
  profile: NumericProfile,
  current: { readonly finite: number },
  distances: Distances,
  exact: boolean,
): readonly Metric[] {
  if (profile.finite === 0 || current.finite === 0) {
    const reason = profile.finite === 0 ? 'the reference has no values' : 'the window has no values'
    return [
      metric('wassersteinRobust', null, { reason }),
      metric('wassersteinStd', null, { reason }),
      metric('wasserstein', null, { reason }),
    ]
  }
  const bound = exact ? null : 'a lower bound from bins; ask for the exact path to have it from rows'
  const robustly = robust(profile, current.finite, distances.inside, bound)
  if (!Number.isFinite(distances.raw))
    return [
      robustly,
      metric('wassersteinStd', null, { reason: tooFar }),
      metric('wasserstein', null, { reason: tooFar }),
    ]
  return [robustly, scaled(profile, distances.raw, bound), metric('wasserstein', distances.raw, { reason: bound })]
}

const tooFar = 'the distance is too large for a double'
const tooWide = 'the spread of the reference is too large for a double'

function robust(profile: NumericProfile, m: number, inside: number, reason: string | null): Metric {
  const std = profile.robustStd
  if (std === null) return metric('wassersteinRobust', null, { reason: tooWide })
  if (std === 0)
    return metric('wassersteinRobust', null, {
      reason: 'the reference does not vary between its 0.5 % and 99.5 % quantiles',
    })
  const noise = (noiseArea(profile) * Math.sqrt(1 / profile.finite + 1 / m)) / std
  return metric('wassersteinRobust', inside / std, { effect: Math.max(0, inside / std - noise), noise, reason })
}

function scaled(profile: NumericProfile, raw: number, reason: string | null): Metric {
  if (profile.std === null) return metric('wassersteinStd', null, { reason: tooWide })
  if (profile.std === 0)
    return metric('wassersteinStd', null, { reason: 'the reference does not vary: its standard deviation is 0' })
  return metric('wassersteinStd', raw / profile.std, { reason })
}

/** `√(2/π) ∫ √(F(1−F)) dx` between the limits: the mean of |F̂ − Ĝ| when nothing changed, apart from √(1/n + 1/m). */
function noiseArea(profile: NumericProfile): number {
  const [low, high] = profile.limits ?? [0, 0]
  let below = 0
  let area = 0
  for (const [bin, count] of profile.counts.entries()) {
    const left = profile.edges[bin - 1]
    const right = profile.edges[bin]
    const middle = (below + count / 2) / profile.finite
    below += count
    if (left === undefined || right === undefined || left < low || right > high) continue
    area += Math.sqrt(Math.max(0, middle * (1 - middle))) * (right - left)
  }
  return Math.sqrt(2 / Math.PI) * area
}

/**
 * Wasserstein-1 from bins: counts and sums give the signed area between the cumulative shares of each bin exactly; the sum of
 * their sizes is at most the exact distance, and equals it where the shares do not cross inside a bin.
 */
export function distancesFromBins(profile: NumericProfile, current: BinnedNumbers): Distances {
  const n = profile.finite
  const m = current.finite
  const centre = centreOf(profile)
  const [low, high] = profile.limits ?? [0, 0]
  let i = 0
  let j = 0
  let raw = 0
  let inside = 0
  let shift = 0
  for (const [bin, count] of profile.counts.entries()) {
    const left = profile.edges[bin - 1]
    const right = profile.edges[bin]
    const other = current.counts[bin] ?? 0
    const sum = profile.sums[bin] ?? 0
    const otherSum = current.sums[bin] ?? 0
    if (right === undefined) {
      // above the last edge, seen from it: ∫ (1−F) dx = Σ(x − edge)/n
      const edge = (left ?? 0) - centre
      raw += Math.abs((sum - count * edge) / n - (otherSum - other * edge) / m)
    } else {
      const edge = right - centre
      const width = left === undefined ? 0 : right - left
      const area = (i / n - j / m) * width + (count * edge - sum) / n - (other * edge - otherSum) / m
      raw += Math.abs(area)
      if (left !== undefined && left >= low && right <= high) {
        inside += Math.abs(area)
        shift += area
      }
    }
    i += count
    j += other
  }
  return { raw, inside, shift }
}
