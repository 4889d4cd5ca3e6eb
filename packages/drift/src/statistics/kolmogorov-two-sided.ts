import { durbinMatrix } from './durbin-matrix.ts'
import { logGamma } from './log-gamma.ts'
import { pelzGood } from './pelz-good.ts'
import { smirnovTail } from './smirnov.ts'

/**
 * The tail of the two-sided one-sample Kolmogorov-Smirnov statistic, `P(D ≥ x)` for n observations.
 *
 * Formula: Ruben and Gambino's closed forms at both ends, twice Smirnov's one-sided tail where it is exact to the last
 * digits, Durbin's matrix for small n or small x, Pelz and Good's expansion in between.
 * Source: Simard and L'Ecuyer (2011), section 4, whose regions are used; the same choice as scipy's `kstwo.sf`.
 *
 * @param sumUpTo above this n Smirnov's sum is replaced by its asymptotic form, which is within 1/n of it.
 * @example kolmogorovTwoSidedTail(0.274, 10) // 0.371520384396…
 */
export function kolmogorovTwoSidedTail(x: number, n: number, sumUpTo = 1_000_000): number {
  if (Number.isNaN(x) || !(n >= 1)) return Number.NaN
  if (x >= 1) return 0
  const scaled = n * x
  if (scaled <= 0.5) return 1
  if (scaled <= 1) return 1 - Math.exp(logGamma(n + 1) - n * Math.log(n) + n * Math.log(2 * scaled - 1))
  if (scaled >= n - 1) return 2 * (1 - x) ** n
  if (x >= 0.5) return 2 * smirnovTail(n, x, sumUpTo)
  const square = scaled * x
  if (n <= 140) return square <= 4 ? 1 - durbinMatrix(n, x) : 2 * smirnovTail(n, x, sumUpTo)
  if (square >= 2.2) return 2 * smirnovTail(n, x, sumUpTo)
  const below = n <= 100_000 && n * x ** 1.5 <= 1.4 ? durbinMatrix(n, x) : pelzGood(n, x)
  return Math.min(1, Math.max(0, 1 - below))
}
