import { logGamma } from './log-gamma.ts'

const TINY = 1e-300

/**
 * The natural logarithm of the regularised incomplete beta function `I_x(a, b)`, for a, b > 0 and 0 ≤ x ≤ 1.
 *
 * Formula: Lentz's method on the continued fraction, on whichever side it converges quickly. Source: DLMF 8.17.22.
 *
 * @example Math.exp(logBeta(0.5, 2, 3)) // 0.6875
 */
export function logBeta(x: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0) || x > 1) return Number.NaN
  if (x === 0) return -Infinity
  if (x === 1) return 0
  if (x > (a + 1) / (a + b + 2)) return Math.log1p(-Math.exp(logFraction(1 - x, b, a)))
  return logFraction(x, a, b)
}

function logFraction(x: number, a: number, b: number): number {
  const prefactor = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a)
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let k = 1; k < 100_000; k += 1) {
    const even = (k * (b - k) * x) / ((a + 2 * k - 1) * (a + 2 * k))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    const odd = (-(a + k) * (a + b + k) * x) / ((a + 2 * k) * (a + 2 * k + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    const factor = d * c
    fraction *= factor
    if (Math.abs(factor - 1) < 1e-15) break
  }
  return prefactor + Math.log(fraction)
}
