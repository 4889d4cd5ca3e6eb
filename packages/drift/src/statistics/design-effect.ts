/**
 * Σ over groups of the rows of one cell times the rows of another: what the covariance of a column's shares needs, when rows of a
 * group are alike. The last cells are those without a value.
 */
export interface GroupMoments {
  /** Rows of each cell. */
  readonly counts: readonly number[]
  /** The symmetric matrix Σ_g n_gk · n_gl. */
  readonly products: readonly (readonly number[])[]
}

/** How much more shares vary than those of as many independent rows. */
export interface DesignEffect {
  /** Mean of the eigenvalues of the design matrix less 1; 0 for independent rows. */
  readonly shares: number
  /** Root mean square of the same eigenvalues less 1. */
  readonly spread: number
  /** The same of the cumulative shares, weighted by F(1 − F). */
  readonly cumulative: number
  /** Kish's number of groups, (Σ n_g)² / Σ n_g². */
  readonly groups: number
}

/**
 * The design effect of the shares of some cells among the rows that are in any of them, from sums over groups.
 *
 * Formula: the ratio estimator's covariance `Σ_g (n_gk − p_k n_g)(n_gl − p_l n_g) · G/(G−1) / n²`, over the multinomial one.
 * Source: Rao and Scott, "On Chi-Squared Tests for Multiway Contingency Tables" (1984). Null when fewer than two cells or groups
 * have rows.
 */
export function designEffect({ counts, products }: GroupMoments, cells: number): DesignEffect | null {
  const used = Array.from({ length: cells }, (_, cell) => cell).filter((cell) => (counts[cell] ?? 0) > 0)
  const rows = used.reduce((sum, cell) => sum + (counts[cell] ?? 0), 0)
  const product = (k: number, l: number): number => products[k]?.[l] ?? 0
  const withAll = new Map(used.map((k) => [k, used.reduce((sum, l) => sum + product(k, l), 0)]))
  const squares = [...withAll.values()].reduce((sum, value) => sum + value, 0)
  const groups = squares === 0 ? 0 : (rows * rows) / squares
  if (used.length < 2 || !(groups > 1.5)) return null
  const share = (cell: number): number => (counts[cell] ?? 0) / rows
  const correction = groups / (groups - 1)
  const covariance = (k: number, l: number): number =>
    (correction / rows) *
    (product(k, l) -
      share(l) * (withAll.get(k) ?? 0) -
      share(k) * (withAll.get(l) ?? 0) +
      share(k) * share(l) * squares)
  return effectOf(used, share, covariance, groups)
}

/**
 * The design effect that a covariance of shares has over the multinomial one, when it was estimated from so many groups, less
 * the one whose mean is known.
 */
export function effectOf(
  used: readonly number[],
  share: (cell: number) => number,
  covariance: (k: number, l: number) => number,
  groups: number,
): DesignEffect {
  const degrees = used.length - 1
  let trace = 0
  let norm = 0
  for (const k of used) {
    trace += covariance(k, k) / share(k)
    for (const l of used) norm += covariance(k, l) ** 2 / (share(k) * share(l))
  }
  // What the noise of few groups adds to the squares of eigenvalues (Wishart's second moment) is taken off again.
  const exact = Math.max(trace ** 2 / degrees, (norm - trace ** 2 / (groups - 1)) / (1 + 1 / (groups - 1)))
  const excess = exact - 2 * trace + degrees
  return {
    shares: trace / degrees - 1,
    spread: Math.sqrt(Math.max(0, excess) / degrees),
    cumulative: cumulativeEffect(used, share, covariance) - 1,
    groups,
  }
}

/** Variances of cumulative shares over those of independent rows. */
function cumulativeEffect(
  used: readonly number[],
  share: (cell: number) => number,
  covariance: (k: number, l: number) => number,
): number {
  let [below, variance, found, independent] = [0, 0, 0, 0]
  for (const [position, cell] of used.slice(0, -1).entries()) {
    below += share(cell)
    for (const other of used.slice(0, position)) variance += 2 * covariance(other, cell)
    variance += covariance(cell, cell)
    found += variance
    independent += below * (1 - below)
  }
  return independent === 0 ? 1 : found / independent
}
