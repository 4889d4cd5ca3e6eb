import { MartletError } from '../errors.ts'
import { leaf, type Leaf } from './leaf.ts'
import { doubleLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * The number of edges below x, which is `finite(...)`: bin i is `(edges[i - 1], edges[i]]`, the first and the last bin
 * have no outer edge; null for a null.
 * @throws MartletError LEAF_ARGUMENT when the edges do not ascend
 */
export const binIndex: Leaf<(x: Sql, edges: readonly number[]) => Sql> = leaf({
  standard: (x, edges) => {
    refuseUnordered(edges)
    return sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${search(x, edges, 0, edges.length)} END`
  },
})

function refuseUnordered(edges: readonly number[]): void {
  edges.forEach((edge, index) => {
    const before = edges[index - 1]
    if (before !== undefined && !(before < edge))
      throw new MartletError('LEAF_ARGUMENT', `Bin edges must ascend, but edge ${index} is ${edge} after ${before}.`)
  })
}

// The answer lies in low..high. The binary search is unrolled, so that n bins cost log n comparisons per row.
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
