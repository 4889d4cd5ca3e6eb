/**
 * The deviance `x·ln(x/mean) + mean − x` without cancellation when both are close, for x ≥ 0 and mean > 0.
 *
 * Source: C. Loader (2000), `bd0`: with v = (x−mean)/(x+mean), (x−mean)·v + 2x·Σ v^(2j+1)/(2j+1).
 *
 * @example deviance(10, 11) // 0.04689820195675137
 */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean
  const difference = x - mean
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference
  const v = difference / (x + mean)
  const square = v * v
  let total = difference * v
  let power = 2 * x * v
  for (let j = 1; ; j += 1) {
    power *= square
    const next = total + power / (2 * j + 1)
    if (next === total || Number.isNaN(next)) return next
    total = next
  }
}
