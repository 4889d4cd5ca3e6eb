import type { BinnedNumbers } from '../count/binned-column.ts'
import { pointsOf } from '../count/counted-edges.ts'
import { centreOf, type NumericProfile } from '../profile/reference-profile.ts'

/** A larger share of rows beyond a limit of the reference is no outliers: the values have moved there. */
const OUTLIERS = 0.1
/** How unequal distances from the limit may be: the square of their standard deviation by their mean. */
const UNEQUAL = 2.25

/**
 * What a mean that is winsorised at the reference's limits leaves out where more than outliers are beyond them: a column
 * that tripled lies there with most of its rows. Where a few values are far beyond the others there, it stays left out.
 */
export function shiftBeyond(profile: NumericProfile, { counts, sums, squares, finite }: BinnedNumbers): number {
  if (profile.limits === null || finite === 0) return 0
  const { edges } = profile
  const [low, high] = profile.limits
  const centre = centreOf(profile)
  const [first, last] = [edges.indexOf(low), edges.indexOf(high)]
  // A limit that many rows have is counted apart from what is beyond it.
  const below = pointsOf(edges).some(({ value }) => value === low) ? first : first + 1
  const beyond = (limit: number, from: number, to?: number): number => {
    const [count, sum, square] = [counts, sums, squares].map((of) => total(of.slice(from, to)))
    if (count === undefined || sum === undefined || square === undefined || count <= OUTLIERS * finite) return 0
    const edge = limit - centre
    const distance = sum - count * edge
    const squared = square - 2 * edge * sum + count * edge ** 2
    return squared * count <= (1 + UNEQUAL) * distance ** 2 ? distance / finite : 0
  }
  const shift = beyond(low, 0, below) + beyond(high, last + 1)
  return Number.isFinite(shift) ? shift : 0
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
