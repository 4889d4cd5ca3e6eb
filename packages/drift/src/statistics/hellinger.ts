/**
 * The Hellinger distance `√(1 − Σ √(p·q))`, between 0 and 1.
 *
 * Computed as `√(½·Σ(√p − √q)²)`, the same number without cancellation near 0. Source: Hellinger (1909).
 *
 * @example hellinger([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]) // 0.167899596403…
 */
export function hellinger(p: readonly number[], q: readonly number[]): number {
  const total = p.reduce((sum, share, bin) => sum + (Math.sqrt(share) - Math.sqrt(q[bin] ?? 0)) ** 2, 0)
  return Math.sqrt(Math.min(1, total / 2))
}
