/** How many of n rows hit, each with chance p, from one uniform number: the law is summed until it is reached. For n up to 1000. */
export function hitsOf(n: number, p: number, draw: () => number): number {
  if (p > 0.5) return n - hitsOf(n, 1 - p, draw)
  const u = draw()
  let chance = (1 - p) ** n
  let below = chance
  let hits = 0
  while (below < u && hits < n) {
    chance *= ((n - hits) / (hits + 1)) * (p / (1 - p))
    hits += 1
    below += chance
  }
  return hits
}

/** Counts of n rows over cells with these shares. */
export function countsOf(n: number, shares: readonly number[], draw: () => number): number[] {
  let rows = n
  let left = shares.reduce((sum, share) => sum + share, 0)
  return shares.map((share, cell) => {
    const hits = cell === shares.length - 1 ? rows : hitsOf(rows, Math.min(1, share / left), draw)
    rows -= hits
    left -= share
    return hits
  })
}
