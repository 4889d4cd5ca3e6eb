import { logChiSquareTail } from './chi-square-tail.ts'
import { logBeta } from './incomplete-beta.ts'

/** From this many degrees on, the denominator's variance is known well enough to be called exact. */
const KNOWN = 1e7

/**
 * The natural logarithm of the chance that an F variable exceeds `statistic`; either degrees may be fractions, and infinite ones
 * of the denominator make it a χ² over its degrees.
 *
 * @example Math.exp(logFTail(4, 1, 10)) // 0.073388034…
 */
export function logFTail(statistic: number, degrees: number, denominator: number): number {
  if (degrees === 0) return 0
  if (denominator >= KNOWN) return logChiSquareTail(statistic * degrees, degrees)
  if (statistic <= 0) return 0
  return logBeta(denominator / (denominator + degrees * statistic), denominator / 2, degrees / 2)
}
