import { MartletError } from '../errors.ts'
import type { Leaf } from './leaf.ts'
import { doubleLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * The number of edges below x: bin i is `(edges[i - 1], edges[i]]`, the first and last bins are open outwards; null for a null.
 * Edges ascend; x is `finite(...)`.
 */
export const binIndex: Leaf<(x: Sql, edges: readonly number[]) => Sql> = {
  duckdb: printBinIndex,
  snowflake: printBinIndex,
}

function printBinIndex(x: Sql, edges: readonly number[]): Sql {
  edges.forEach((edge, index) => {
    const before = edges[index - 1]
    if (before !== undefined && !(before < edge))
      throw new MartletError('LEAF_ARGUMENT', `Bin edges must ascend, but edge ${index} is ${edge} after ${before}.`)
  })
  return sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${search(x, edges, 0, edges.length)} END`
}

// The answer lies in low..high: a binary search unrolled, so that n bins cost log n comparisons a row.
function search(x: Sql, edges: readonly number[], low: number, high: number): Sql {
  if (low === high) return sql.raw(String(low))
  const middle = (low + high) >> 1
  const edge = doubleLiteral(edges[middle] ?? Number.NaN)
  return sql`
    CASE
      WHEN ${x} <= ${edge} THEN ${search(x, edges, low, middle)}
      ELSE ${search(x, edges, middle + 1, high)} END
  `
}
