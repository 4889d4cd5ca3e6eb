/**
 * The exact p of the two-sample Kolmogorov-Smirnov statistic: the share of lattice paths from (0,0) to (n,m) that
 * reach a gap of at least `scaled / (n·m)`. With ties it is conservative.
 *
 * Formula: v(i,j) = v(i−1,j)·i/(i+j) + v(i,j−1)·j/(i+j), v = 1 where |i·m − j·n| ≥ scaled. All terms are positive, so
 * small p keep their digits; only the band inside the gap is visited.
 * Source: Hodges (1957), "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3.
 *
 * @example ksExact(5, 5, 10) // 0.873015873015873, for a gap of 0.4
 */
export function ksExact(n: number, m: number, scaled: number): number {
  if (scaled <= 0) return 1
  const row = new Float64Array(m + 1).fill(1)
  for (let i = 0; i <= n; i += 1) {
    const first = Math.max(0, Math.floor((i * m - scaled) / n) + 1)
    const last = Math.min(m, Math.ceil((i * m + scaled) / n) - 1)
    if (first > 0) row[first - 1] = 1
    for (let j = first; j <= last; j += 1) {
      if (i + j === 0) row[j] = 0
      else row[j] = ((i === 0 ? 0 : (row[j] ?? 0) * i) + (j === 0 ? 0 : (row[j - 1] ?? 0) * j)) / (i + j)
    }
  }
  return row[m] ?? 1
}
