/** Rows up to which a binomial number is drawn from its own law; beyond, where its spread is large enough, from the normal. */
const EXACT_SPREAD = 25

/** How many of `rows` rows hit, each with chance `p`. */
export function binomialDraw(rows: number, p: number, uniform: () => number): number {
  if (!(p > 0) || rows <= 0) return 0
  if (p >= 1) return rows
  if (p > 0.5) return rows - binomialDraw(rows, 1 - p, uniform)
  const variance = rows * p * (1 - p)
  if (variance > EXACT_SPREAD) {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    return Math.min(rows, Math.max(0, Math.round(rows * p + Math.sqrt(variance) * normal)))
  }
  const u = uniform()
  let chance = Math.exp(rows * Math.log1p(-p))
  let below = chance
  let hits = 0
  while (below < u && hits < rows) {
    chance *= ((rows - hits) / (hits + 1)) * (p / (1 - p))
    hits += 1
    below += chance
  }
  return hits
}
