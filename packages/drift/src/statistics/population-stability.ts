/**
 * The population stability index of two lists of positive shares over the same bins: `Σ (p−q)·ln(p/q)`.
 *
 * Source: Kullback's J divergence; Lewis, "An Introduction to Credit Scoring" (1994). Smooth counts first.
 *
 * @example populationStability([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]) // 0.228217409574…
 */
export function populationStability(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, bin) => sum + (share - (q[bin] ?? 0)) * Math.log(share / (q[bin] ?? 0)), 0)
}

/**
 * What the index shows on average when nothing changed: `(1/n + 1/m)·(B−1)`.
 *
 * Source: Yurdakul, "Statistical Properties of the Population Stability Index" (2018).
 *
 * @example populationStabilityNoise(1000, 100, 10) // 0.099
 */
export function populationStabilityNoise(n: number, m: number, bins: number): number {
  return (1 / n + 1 / m) * (bins - 1)
}
