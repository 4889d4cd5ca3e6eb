import { MartletError } from '../errors.ts'
import { binGrid, type BinGrid } from './bin-grid.ts'
import { leaf, type Leaf } from './leaf.ts'
import { doubleLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * The number of edges below x, which is `finite(...)`: bin i is `(edges[i - 1], edges[i]]`, the first and the last bin
 * have no outer edge; null for a null. Where there are many edges, DuckDB looks numbers up in a grid.
 * @throws MartletError LEAF_ARGUMENT when the edges do not ascend
 */
export const binIndex: Leaf<(x: Sql, edges: readonly number[]) => Sql> = leaf({
  duckdb: (x, edges) => {
    refuseUnordered(edges)
    const grid = binGrid(edges)
    return grid === undefined ? ofValue(x, search(x, edges, 0, edges.length)) : lookUp(x, edges, grid)
  },
  snowflake: (x, edges) => {
    refuseUnordered(edges)
    return ofValue(x, search(x, edges, 0, edges.length))
  },
})

function ofValue(x: Sql, bin: Sql): Sql {
  return sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${bin} END`
}

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

/** The edges below a number's cell, and a comparison for each that its cell may have. Null for a null. */
function lookUp(x: Sql, edges: readonly number[], { grid, below, most }: BinGrid): Sql {
  const distance = sql`(${x} - (${doubleLiteral(grid.centre)}))`
  const near = sql`${distance} / (${doubleLiteral(grid.spread)} + abs(${distance}))`
  // A cast rounds: half a cell further, so that cells begin at whole numbers; and lists count from 1, from the cell before.
  const place = sql`${near} * ${doubleLiteral(grid.cells / 2)} + ${doubleLiteral(grid.cells / 2 + 1.5)}`
  const counts = sql`CAST([${sql.raw(below.join(', '))}] AS INTEGER[${sql.raw(String(below.length))}])`
  const ends = sql.join([...edges.map(doubleLiteral), ...Array.from({ length: most }, () => sql`'infinity'`)])
  const list = sql`CAST([${ends}] AS DOUBLE[${sql.raw(String(edges.length + most))}])`
  const first = sql`array_extract(${counts}, CAST(${place} AS INTEGER))`
  const passed = Array.from(
    { length: most },
    (_, index) => sql`CAST(${x} > array_extract(${list}, ${first} + ${sql.raw(String(index + 1))}) AS INTEGER)`,
  )
  return sql.join([first, ...passed], sql` + `)
}
