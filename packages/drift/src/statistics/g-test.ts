import { chiSquareTail } from './chi-square-tail.ts'

/**
 * The two-sample likelihood-ratio test, `2·Σ O·ln(O/E)` over the 2×k table.
 *
 * Source: Wilks (1935). scipy's `chi2_contingency(table, lambda_='log-likelihood', correction=False)`.
 *
 * @example gTest([50, 30, 20], [30, 30, 40]) // statistic 11.849392256…, p 0.002672619696…
 */
export function gTest(
  reference: readonly number[],
  current: readonly number[],
): { readonly statistic: number; readonly degrees: number; readonly p: number } {
  const n = reference.reduce((sum, count) => sum + count, 0)
  const m = current.reduce((sum, count) => sum + count, 0)
  let statistic = 0
  let cells = 0
  for (const [cell, left] of reference.entries()) {
    const right = current[cell] ?? 0
    const column = left + right
    if (column === 0) continue
    cells += 1
    if (left > 0) statistic += 2 * left * Math.log((left * (n + m)) / (column * n))
    if (right > 0) statistic += 2 * right * Math.log((right * (n + m)) / (column * m))
  }
  const degrees = Math.max(0, cells - 1)
  return { statistic, degrees, p: chiSquareTail(statistic, degrees) }
}
