/**
 * The Wasserstein-1 (earth mover's) distance of two ascending arrays of finite numbers, in the unit of the values.
 *
 * Formula: `∫ |F − G| dx`. Source: Vallender (1974); scipy's `wasserstein_distance`.
 *
 * @example wasserstein([0, 1, 3], [5, 6, 8, 9]) // 5.666666666666667
 */
export function wasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const n = reference.length
  const m = current.length
  if (n === 0 || m === 0) return Number.NaN
  let i = 0
  let j = 0
  let total = 0
  let before = Math.min(reference[0] ?? 0, current[0] ?? 0)
  while (i < n || j < m) {
    const value = Math.min(i < n ? (reference[i] ?? 0) : Infinity, j < m ? (current[j] ?? 0) : Infinity)
    total += Math.abs(i / n - j / m) * (value - before)
    while (i < n && (reference[i] ?? 0) <= value) i += 1
    while (j < m && (current[j] ?? 0) <= value) j += 1
    before = value
  }
  return total
}
