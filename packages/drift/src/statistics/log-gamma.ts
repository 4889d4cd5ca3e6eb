/**
 * The natural logarithm of Γ(x), for x > 0.
 *
 * Formula: Stirling's series at x ≥ 15, below that Γ(x) = Γ(x+k) / (x·(x+1)⋯(x+k−1)).
 * Source: DLMF 5.11.1 and 5.5.1. NaN for x ≤ 0 and NaN.
 *
 * @example logGamma(0.5) // 0.5723649429247001 = ln √π
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN
  if (x === 1 || x === 2) return 0
  if (x === Infinity) return Infinity
  let shifted = x
  let product = 1
  while (shifted < 15) {
    product *= shifted
    shifted += 1
  }
  const square = shifted * shifted
  const series =
    (1 / 12 -
      (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360360 / square) / square) / square) / square) / square) /
    shifted
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.9189385332046727 + series - Math.log(product)
}
