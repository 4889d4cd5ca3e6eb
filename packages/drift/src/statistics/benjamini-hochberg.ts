/**
 * The false-discovery-rate adjusted p (q) of each p, in the order given.
 *
 * Formula: `q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·k/j`, at most 1. Source: Benjamini and Hochberg (1995).
 *
 * @example benjaminiHochberg([0.001, 0.008, 0.039]) // [0.003, 0.012, 0.039]
 */
export function benjaminiHochberg(p: readonly number[]): readonly number[] {
  const order = p.map((_, index) => index).toSorted((a, b) => (p[b] ?? 0) - (p[a] ?? 0))
  const q: number[] = p.map(() => 1)
  let smallest = 1
  for (const [position, index] of order.entries()) {
    smallest = Math.min(smallest, (p[index] ?? 1) * (p.length / (p.length - position)))
    q[index] = smallest
  }
  return q
}
