/**
 * The Kullback-Leibler divergence `Σ p·ln(p/q)` in nats; infinite when q is 0 where p is not.
 *
 * Source: Kullback and Leibler (1951). scipy's `entropy(p, q)`.
 *
 * @example kullbackLeibler([0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]) // 0.106440135286…
 */
export function kullbackLeibler(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, bin) => (share === 0 ? sum : sum + share * Math.log(share / (q[bin] ?? 0))), 0)
}
