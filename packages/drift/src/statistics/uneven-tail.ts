import { logFTail } from './f-tail.ts'

/** The step of the quadrature and how far it goes: the nodes beyond have weights below 1e-15. */
const STEP = 1 / 16
const FURTHEST = 50

/**
 * The natural logarithm of the chance that `Σ λᵢ zᵢ²` of `degrees` squares exceeds `statistic`, for weights λ of mean 1 and mean
 * square `uneven`, of which one is large and the others are alike; their scale was estimated with `denominator` degrees.
 *
 * Of all weights with this mean and mean square these have the longest tail. A χ² of `degrees / uneven` degrees (Satterthwaite) has
 * the same mean and variance, but a shorter one: at 10⁻⁴ it calls five to ten times too much unusual.
 *
 * Formula: the share of the large weight's square in the sum of all squares has a Beta(½, (degrees − 1) / 2) law and does not depend
 * on the sum, so the chance is the mean of F tails over it; by tanh-sinh quadrature of the angle whose squared sine it is. Source:
 * Takahasi and Mori, "Double Exponential Formulas for Numerical Integration" (1974).
 *
 * @example Math.exp(logUnevenTail(40, 9, 3, 20)) // 0.0171366…; the F of 3 degrees has 0.0150629…
 */
export function logUnevenTail(statistic: number, degrees: number, uneven: number, denominator: number): number {
  if (degrees === 0) return 0
  const excess = Math.min(Math.max(0, uneven - 1), degrees - 1)
  if (excess === 0) return logFTail(statistic / degrees, degrees, denominator)
  const gap = Math.sqrt(excess / (degrees - 1))
  const [large, other] = [1 + gap * (degrees - 1), 1 - gap]
  const nodes = Array.from({ length: 2 * FURTHEST + 1 }, (_, index) => {
    const at = (index - FURTHEST) * STEP
    const angle = (Math.PI / 4) * (1 + Math.tanh((Math.PI / 2) * Math.sinh(at)))
    const weight = Math.cosh(at) / Math.cosh((Math.PI / 2) * Math.sinh(at)) ** 2
    const scale = other + (large - other) * Math.sin(angle) ** 2
    return {
      weight: weight * Math.cos(angle) ** (degrees - 2),
      logTail: logFTail(statistic / (degrees * scale), degrees, denominator),
    }
  })
  const longest = nodes.reduce((most, { logTail }) => Math.max(most, logTail), -Infinity)
  if (longest === -Infinity) return -Infinity
  const all = nodes.reduce((sum, { weight }) => sum + weight, 0)
  const beyond = nodes.reduce((sum, { weight, logTail }) => sum + weight * Math.exp(logTail - longest), 0)
  return Math.min(0, longest + Math.log(beyond / all))
}
