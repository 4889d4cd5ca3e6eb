import type { BinnedNumbers } from '../count/binned-column.ts'
import { centreOf, type NumericProfile } from '../profile/reference-profile.ts'

/** How far the values of a number column moved, in their own unit. */
export interface Distances {
  readonly raw: number
  /** Between the winsor limits only: what is left after both sides are winsorised at the reference's limits. */
  readonly inside: number
  /** Winsorised mean of the window minus that of the reference. */
  readonly shift: number
}

/**
 * Wasserstein-1 from bins: counts and sums give the signed area between the cumulative shares of each bin exactly. The sum
 * of the areas' sizes is at most the exact distance, and equals it where the shares do not cross inside a bin.
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
      // Above the last edge, measured from it: ∫ (1−F) dx = Σ(x − edge)/n.
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

/** Why a distance cannot be given in standard deviations. */
export const TOO_WIDE = 'the spread of the reference is too large for a double'

/** Why a distance from bins is shown with ≥; null when it was measured from rows. */
export function lowerBound({ exactGap }: { readonly exactGap: number | null }): string | null {
  return exactGap === null ? 'a lower bound from bins; ask for the exact path to have it from rows' : null
}
