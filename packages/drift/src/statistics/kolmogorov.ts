/**
 * The tail of Kolmogorov's limit law, `P(√n·D > x) = 2·Σ (−1)^(k−1)·e^(−2k²x²)`.
 *
 * Below x = 0.82 the mirrored theta series `1 − √(2π)/x · Σ e^(−(2k−1)²π²/8x²)` converges faster.
 * Source: Kolmogorov (1933); Feller (1948).
 *
 * @example kolmogorovTail(1.36) // 0.049485876755…
 */
export function kolmogorovTail(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x <= 0) return 1
  if (x < 0.82) {
    let total = 0
    for (let k = 1; k < 20; k += 2) total += Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x))
    return 1 - (Math.sqrt(2 * Math.PI) / x) * total
  }
  let total = 0
  for (let k = 1; k < 20; k += 1) {
    const term = Math.exp(-2 * k * k * x * x)
    total += k % 2 === 1 ? term : -term
  }
  return 2 * total
}
