/**
 * The Jensen-Shannon distance to base 2, between 0 and 1: `√(½·KL(p‖h) + ½·KL(q‖h))`, h the mean of both.
 *
 * Source: Lin (1991); Endres and Schindelin (2003). Empty bins are allowed. scipy's `jensenshannon(p, q, base=2)`.
 *
 * @example jensenShannon([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]) // 0.200503322531…
 */
export function jensenShannon(p: readonly number[], q: readonly number[]): number {
  let divergence = 0
  for (const [bin, left] of p.entries()) {
    const right = q[bin] ?? 0
    const middle = (left + right) / 2
    if (left > 0) divergence += 0.5 * left * Math.log2(left / middle)
    if (right > 0) divergence += 0.5 * right * Math.log2(right / middle)
  }
  return Math.sqrt(Math.min(1, Math.max(0, divergence)))
}
