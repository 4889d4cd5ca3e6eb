/**
 * The largest change of any one share, `max |p − q|`: stays readable with many categories.
 *
 * @example lInfinity([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]) // 0.15
 */
export function lInfinity(p: readonly number[], q: readonly number[]): number {
  return p.reduce((largest, share, bin) => Math.max(largest, Math.abs(share - (q[bin] ?? 0))), 0)
}
