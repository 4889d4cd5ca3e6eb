import { normalTail } from './normal.ts'

/**
 * The two-sided rank-sum test of two arrays, normal approximation with tie and continuity correction.
 *
 * Formula: `z = (|U − nm/2| − ½) / √(nm/12·((N+1) − Σ(t³−t)/(N(N−1))))`.
 * Source: Mann and Whitney (1947). scipy's `mannwhitneyu(method='asymptotic')`.
 *
 * @example mannWhitney([1, 2, 3, 4, 5], [3, 4, 5, 6, 7]).p // 0.113846298…
 */
export function mannWhitney(
  reference: readonly number[],
  current: readonly number[],
): { readonly u: number; readonly p: number } {
  const n = reference.length
  const m = current.length
  const all = [
    ...reference.map((value) => ({ value, side: 0 })),
    ...current.map((value) => ({ value, side: 1 })),
  ].toSorted((a, b) => a.value - b.value)
  let rankSum = 0
  let ties = 0
  for (let start = 0; start < all.length;) {
    let end = start
    while (end < all.length && all[end]?.value === all[start]?.value) end += 1
    const size = end - start
    ties += size ** 3 - size
    rankSum += all.slice(start, end).filter(({ side }) => side === 0).length * ((start + 1 + end) / 2)
    start = end
  }
  const total = n + m
  const u = rankSum - (n * (n + 1)) / 2
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))))
  if (deviation === 0) return { u, p: 1 }
  return { u, p: Math.min(1, 2 * normalTail((Math.abs(u - (n * m) / 2) - 0.5) / deviation)) }
}
