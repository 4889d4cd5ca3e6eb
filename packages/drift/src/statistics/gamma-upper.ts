import { deviance } from './deviance.ts'
import { logGamma } from './log-gamma.ts'
import { stirlingError } from './stirling-error.ts'

const LOG_TWO_PI = 1.8378770664093456
const TINY = 1e-300

/**
 * The regularised upper incomplete gamma function `Q(a, x) = Γ(a, x) / Γ(a)`, for a > 0 and x ≥ 0.
 *
 * Formula: below x = a + 1 one minus the series of P, above it Legendre's continued fraction (so that far tails keep
 * their digits). Source: DLMF 8.11.4 and 8.9.2; prefactor by Loader's saddle point.
 *
 * @example gammaUpper(25, 100) // 7.857610724654791e-20, the chance that χ² with 50 degrees exceeds 200
 */
export function gammaUpper(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return Number.NaN
  if (x < a + 1) return 1 - lowerBySeries(a, x)
  return Math.exp(logUpperByFraction(a, x))
}

/**
 * The natural logarithm of `Q(a, x)`, finite where Q itself is below the smallest double.
 *
 * @example logGammaUpper(0.5, 5000) // -5004.83…
 */
export function logGammaUpper(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return Number.NaN
  if (x < a + 1) return Math.log1p(-lowerBySeries(a, x))
  return logUpperByFraction(a, x)
}

/** `ln(x^a · e^−x / Γ(a))`, without cancellation when a is large. */
function logPrefactor(a: number, x: number): number {
  if (a < 16) return a * Math.log(x) - x - logGamma(a)
  return 0.5 * (Math.log(a) - LOG_TWO_PI) - stirlingError(a) - deviance(a, x)
}

function lowerBySeries(a: number, x: number): number {
  if (x === 0) return 0
  let term = 1 / a
  let total = term
  for (let k = 1; ; k += 1) {
    term *= x / (a + k)
    const next = total + term
    if (next === total) break
    total = next
  }
  return Math.min(1, Math.exp(logPrefactor(a, x)) * total)
}

/** Lentz's method on `x^a e^−x / Γ(a) · 1/(x+1−a − 1(1−a)/(x+3−a − …))`. */
function logUpperByFraction(a: number, x: number): number {
  if (x === Infinity) return -Infinity
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let fraction = d
  for (let k = 1; k < 1_000_000; k += 1) {
    const numerator = -k * (k - a)
    b += 2
    d = numerator * d + b
    if (Math.abs(d) < TINY) d = TINY
    c = b + numerator / c
    if (Math.abs(c) < TINY) c = TINY
    d = 1 / d
    const factor = d * c
    fraction *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return logPrefactor(a, x) + Math.log(fraction)
}
