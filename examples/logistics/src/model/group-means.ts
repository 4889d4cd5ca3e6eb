/** The mean of the wider group counts as so many rows, unless something else is said. */
const PRIOR = 10

/** A row's group, or undefined where it has none. */
export type GroupOf = (row: number) => string | undefined

/**
 * For every row the mean target of the learnt rows of its group, drawn towards the mean of the next, wider grouping as if ten more
 * rows had it (or as many as `priors` says for each grouping: few where groups differ more than their rows); the widest group has all
 * learnt rows. A row without a group (undefined), or in one without learnt rows, has the mean of
 * the wider one.
 */
export function groupMeans(
  target: Float64Array,
  learnt: Int32Array,
  groupings: readonly GroupOf[],
  priors: readonly number[] = [],
): Float64Array {
  const overall = learnt.reduce((sum, row) => sum + (target[row] ?? 0), 0) / learnt.length
  return groupings.reduceRight((wider, groupOf, level) => {
    const prior = priors[level] ?? PRIOR
    const found = new Map<string, { sum: number; rows: number }>()
    for (const row of learnt) {
      const group = groupOf(row)
      if (group === undefined) continue
      const { sum, rows } = found.get(group) ?? { sum: 0, rows: 0 }
      found.set(group, { sum: sum + (target[row] ?? 0), rows: rows + 1 })
    }
    return wider.map((mean, row) => {
      const group = groupOf(row)
      const own = group === undefined ? undefined : found.get(group)
      return own === undefined ? mean : (own.sum + prior * mean) / (own.rows + prior)
    })
  }, new Float64Array(target.length).fill(overall))
}
