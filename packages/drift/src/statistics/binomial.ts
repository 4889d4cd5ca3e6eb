import { deviance } from './deviance.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * The natural logarithm of the chance of x hits in n trials, each with chance p. `q` is 1 − p, passed separately because
 * either may be tiny.
 *
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
 *
 * @example Math.exp(logBinomial(2, 3, 0.25, 0.75)) // 0.140625
 */
export function logBinomial(x: number, n: number, p: number, q: number): number {
  if (x === 0) return n * (p < 0.5 ? Math.log1p(-p) : Math.log(q))
  if (x === n) return n * (q < 0.5 ? Math.log1p(-q) : Math.log(p))
  const corrections = stirlingError(n) - stirlingError(x) - stirlingError(n - x)
  return corrections - deviance(x, n * p) - deviance(n - x, n * q) + 0.5 * Math.log(n / (2 * Math.PI * x * (n - x)))
}
