/** The area under the ROC curve of scores, and how sure it is. */
export interface RankArea {
  readonly auc: number
  /** Variance of the estimate, by DeLong, DeLong and Clarke-Pearson (1988). */
  readonly variance: number
  /** Variance when scores say nothing: that of the Mann-Whitney statistic, with ties. */
  readonly nullVariance: number
}

/** The chance that a row of side 1 scores above one of side 0, ties by half. */
export function rankArea(zeros: readonly number[], ones: readonly number[]): RankArea {
  const [n, m] = [zeros.length, ones.length]
  const pooled = midranks([...zeros, ...ones])
  const [ownZeros, ownOnes] = [midranks(zeros).ranks, midranks(ones).ranks]
  // How many rows of the other side each row is above, as a share.
  const below = ownOnes.map((rank, i) => ((pooled.ranks[n + i] ?? 0) - rank) / n)
  const above = ownZeros.map((rank, i) => 1 - ((pooled.ranks[i] ?? 0) - rank) / m)
  const size = n + m
  return {
    auc: mean(below),
    variance: sampleVariance(below) / m + sampleVariance(above) / n,
    nullVariance: ((size + 1) / (12 * n * m)) * (1 - pooled.ties / (size ** 3 - size)),
  }
}

function midranks(values: readonly number[]): { readonly ranks: readonly number[]; readonly ties: number } {
  const order = [...values.keys()].toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const ranks = values.map(() => 0)
  let ties = 0
  for (let start = 0; start < order.length;) {
    let end = start + 1
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end += 1
    for (const index of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2
    ties += (end - start) ** 3 - (end - start)
    start = end
  }
  return { ranks, ties }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function sampleVariance(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}
