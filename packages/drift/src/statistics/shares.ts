/**
 * Counts as shares with half a count added to every bin, so that an empty bin never makes a logarithm infinite.
 *
 * Formula: `(c + ½) / (n + B/2)`, the Jeffreys prior of a multinomial.
 *
 * @example smoothedShares([10, 0]) // [0.9545…, 0.0454…]
 */
export function smoothedShares(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count + 0.5, 0)
  return counts.map((count) => (count + 0.5) / total)
}

/**
 * Counts as plain shares of their sum; all zero when there is nothing to share.
 *
 * @example shares([1, 3]) // [0.25, 0.75]
 */
export function shares(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (total === 0 ? 0 : count / total))
}
