import { logGamma } from './log-gamma.ts'

const HALF_LOG_TWO_PI = 0.9189385332046727

/**
 * The error of Stirling's formula: `δ(x) = ln Γ(x+1) − (x+½)·ln x + x − ½·ln 2π`, for x ≥ 0.
 *
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000); for large x the series
 * 1/12x − 1/360x³ + 1/1260x⁵ − 1/1680x⁷ + 1/1188x⁹.
 *
 * @example stirlingError(10) // 0.008330563433362871
 */
export function stirlingError(x: number): number {
  if (x < 16) return x === 0 ? 0 : logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI
  const square = x * x
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / x
}
