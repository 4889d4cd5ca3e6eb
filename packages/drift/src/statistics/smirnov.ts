import { deviance } from './deviance.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * The tail of the one-sided one-sample statistic, `P(D⁺ ≥ x)` for n observations.
 *
 * Formula: `x·Σⱼ b(j; n, x+j/n) / (x+j/n)` over j ≤ n(1−x), b the binomial probability: all terms positive, so small
 * tails keep their digits. Above `sumUpTo` observations `e^(−(6nx+1)²/18n)`.
 * Source: Birnbaum and Tingey (1951); Maag and Dicaire (1971).
 *
 * @example smirnovTail(10, 0.5) // 0.0038…
 */
export function smirnovTail(n: number, x: number, sumUpTo = 1_000_000): number {
  if (x <= 0) return 1
  if (x >= 1) return 0
  if (n > sumUpTo) return Math.exp(-((6 * n * x + 1) ** 2) / (18 * n))
  const last = Math.floor(n * (1 - x))
  let total = 0
  for (let j = 0; j <= last; j += 1) {
    const p = x + j / n
    total += binomialAt(j, n, p, 1 - p) / p
  }
  return Math.min(1, x * total)
}

/** The binomial probability of j in n, by Loader's saddle point. */
function binomialAt(j: number, n: number, p: number, q: number): number {
  if (j === 0) return Math.exp(n * Math.log1p(-p))
  if (j === n) return p ** n
  if (q <= 0) return 0
  const rest = n - j
  const exponent =
    stirlingError(n) - stirlingError(j) - stirlingError(rest) - deviance(j, n * p) - deviance(rest, n * q)
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * j * rest))
}
