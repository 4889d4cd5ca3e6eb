import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import type { GroupMoments } from '../statistics/design-effect.ts'
import { numbersOf } from './numbers-of.ts'
import { coarseWeight, emptyMoments, momentScale, type CellScan } from './scan-groups.ts'
import type { OpenSource, SourceWeight } from './scan-source.ts'

/** Columns per statement. */
const COLUMNS_PER_SCAN = 16

/** Sums of weights and of their squares by cell, `result[column][window]`: the moments of groups of one row each. */
export async function scanWeights(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
  weight: SourceWeight,
): Promise<readonly (readonly GroupMoments[])[]> {
  const found = columns.map(({ cells }) => Array.from({ length: source.windows }, () => emptyMoments(cells + 2)))
  for (let start = 0; start < columns.length; start += COLUMNS_PER_SCAN) {
    const some = columns.slice(start, start + COLUMNS_PER_SCAN)
    const batch = await warehouse.read(weightScanSql(warehouse, source, some, weight))
    const [column = [], number = [], bin = [], sum = [], square = []] = batch.columns.map(numbersOf)
    for (let row = 0; row < batch.rows; row += 1) {
      const at = start + (column[row] ?? 0)
      const window = source.indexOf(number[row] ?? -1) ?? -1
      const moments = found[at]?.[window]
      if (moments === undefined) continue
      const cell = bin[row] ?? 0
      const place = cell >= 0 ? cell : (columns[at]?.cells ?? 0) - 1 - cell
      const scale = momentScale(source, window)
      moments.counts[place] = (sum[row] ?? 0) * scale
      const line = moments.products[place]
      if (line !== undefined) line[place] = (square[row] ?? 0) * scale * scale
    }
  }
  return found
}

/** The statement of {@link scanWeights}: rows of (column, window, cell, Σ weight, Σ weight²). */
export function weightScanSql(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
  weight: SourceWeight,
): Sql {
  const { leaves } = warehouse
  const branches = columns.map((column, index) => {
    const { value, cell } = column.cell(warehouse)
    const rows = source.select([sql`${coarseWeight(warehouse, weight)} AS u`, ...value])
    const celled = sql`SELECT w, u, ${cell} AS b FROM (${rows}) AS measured_rows`
    return sql`
      SELECT ${sql.raw(String(index))} AS c, w, b, ${leaves.toDouble(sql`SUM(u)`)} AS s,
        ${leaves.toDouble(sql`SUM(u * u)`)} AS q
      FROM (${celled}) AS celled_rows
      GROUP BY w, b
    `
  })
  return sql.join(branches, sql` UNION ALL `)
}
