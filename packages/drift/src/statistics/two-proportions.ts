import { logNormalTail, normalTail } from './normal.ts'

/** A test that two shares are the same. */
export interface ProportionTest {
  /** Current share minus reference share. */
  readonly difference: number
  readonly z: number
  readonly p: number
  readonly logP: number
}

/**
 * The two-sided test that two shares are the same, pooled and without continuity correction.
 *
 * Formula: `(p₂−p₁) / √(P(1−P)(1/n+1/m))`; z² is the 2×2 χ² statistic.
 *
 * @example twoProportions(60, 100, 45, 100) // z −2.123976976…, p 0.033672068856…
 */
export function twoProportions(hits: number, n: number, currentHits: number, m: number): ProportionTest {
  const difference = currentHits / m - hits / n
  const pooled = (hits + currentHits) / (n + m)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
  if (error === 0) return { difference, z: 0, p: 1, logP: 0 }
  const z = difference / error
  return {
    difference,
    z,
    p: Math.min(1, 2 * normalTail(Math.abs(z))),
    logP: Math.min(0, Math.LN2 + logNormalTail(Math.abs(z))),
  }
}
