/**
 * The total variation distance `½·Σ |p − q|`, between 0 and 1.
 *
 * @example totalVariation([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]) // 0.2
 */
export function totalVariation(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, bin) => sum + Math.abs(share - (q[bin] ?? 0)), 0) / 2
}
