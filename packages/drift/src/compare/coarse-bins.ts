import type { NumericProfile } from '../profile/reference-profile.ts'

/** Counts on a profile's edges, added up to counts between its deciles. */
export function coarseBins(profile: NumericProfile, counts: readonly number[]): readonly number[] {
  const coarse = Array.from({ length: profile.deciles.length + 1 }, () => 0)
  let decile = 0
  for (const [bin, count] of counts.entries()) {
    coarse[decile] = (coarse[decile] ?? 0) + count
    const edge = profile.edges[bin]
    if (edge !== undefined && edge === profile.deciles[decile]) decile += 1
  }
  return coarse
}
