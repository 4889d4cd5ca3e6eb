/** Groups of fewer rows than this say too little about themselves. */
const FEWEST = 5

/**
 * For every row the mean target of the learnt rows of its group. Where the first grouping has fewer than five such rows, the next one
 * counts, and at last the mean of all. A row without a group (undefined) goes on to the next grouping, too.
 */
export function groupMeans(
  target: Float64Array,
  learnt: Int32Array,
  groups: readonly ((row: number) => string | undefined)[],
): Float64Array {
  const overall = learnt.reduce((sum, row) => sum + target[row]!, 0) / learnt.length
  const sums = groups.map((groupOf) => {
    const found = new Map<string, { sum: number; rows: number }>()
    for (const row of learnt) {
      const group = groupOf(row)
      if (group === undefined) continue
      const { sum, rows } = found.get(group) ?? { sum: 0, rows: 0 }
      found.set(group, { sum: sum + target[row]!, rows: rows + 1 })
    }
    return found
  })
  return target.map((_, row) => {
    for (const [level, groupOf] of groups.entries()) {
      const found = sums[level]?.get(groupOf(row) ?? '')
      if (found !== undefined && found.rows >= FEWEST) return found.sum / found.rows
    }
    return overall
  })
}
