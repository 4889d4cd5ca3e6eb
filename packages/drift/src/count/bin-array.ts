import { binOf } from './bin-edges.ts'
import { countedEdges } from './counted-edges.ts'
import type { BinnedNumbers, CountedCategories } from './binned-column.ts'

/** Counts an array on edges, as the warehouse counts a column; sums are of the differences from `centre`. */
export function binNumbers(values: Iterable<number | null>, edges: readonly number[], centre: number): BinnedNumbers {
  const counted = countedEdges(edges)
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  const sums = counts.slice()
  const squares = counts.slice()
  const found = { rows: 0, nulls: 0, nan: 0, positiveInfinite: 0, negativeInfinite: 0, finite: 0 }
  for (const value of values) {
    found.rows += 1
    if (value === null) found.nulls += 1
    else if (Number.isNaN(value)) found.nan += 1
    else if (value === Infinity) found.positiveInfinite += 1
    else if (value === -Infinity) found.negativeInfinite += 1
    else {
      const bin = binOf(value, counted)
      const deviation = value - centre
      found.finite += 1
      counts[bin] = (counts[bin] ?? 0) + 1
      sums[bin] = (sums[bin] ?? 0) + deviation
      squares[bin] = (squares[bin] ?? 0) + deviation * deviation
    }
  }
  return { ...found, counts, sums, squares }
}

/** Counts an array of categories; booleans count as `true` and `false`. */
export function countCategories(values: Iterable<string | boolean | null>): CountedCategories {
  const counts = new Map<string, number>()
  let rows = 0
  let nulls = 0
  for (const value of values) {
    rows += 1
    if (value === null) nulls += 1
    else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  }
  return { rows, nulls, counts, beyond: 0, distinct: counts.size }
}
