import { sql, type Warehouse } from '@martlet/warehouse'
import { categoryScanSql } from '../count/scan-categories.ts'
import { numberScanSql } from '../count/scan-numbers.ts'
import { openSource } from '../count/scan-source.ts'
import type { WeighedRows } from '../count/weigh-rows.ts'
import type { TimeWindow } from '../count/windows.ts'
import { centreOf } from '../profile/reference-profile.ts'
import type { DriftResult, Reproduction } from '../verdict/result.ts'
import type { ResolvedRows } from './current-rows.ts'

/** With statements for more columns than this, reports would get long; the first columns to look at have them. */
const MOST_STATEMENTS = 20

/**
 * The statement that counts the latest window again, for each column to look at; number columns on the bins of PSI. Weights are
 * whole numbers there, in a unit of their own.
 */
export function reproductions(
  warehouse: Warehouse,
  result: DriftResult,
  rows: ResolvedRows,
  window: TimeWindow | null,
  weighed: WeighedRows | null,
): readonly Reproduction[] {
  if (!rows.lasting) return []
  const source = openSource(warehouse, {
    relation: weighed?.wrap(rows.relation) ?? rows.relation,
    time: window === null ? null : rows.time,
    windows: window === null ? [] : [window],
    ...(weighed === null ? {} : { weights: { ...weighed.weights, scales: weighed.weights.scales.slice(-1) } }),
  })
  return result.lookAt.slice(0, MOST_STATEMENTS).flatMap((name): readonly Reproduction[] => {
    const column = rows.profile.columns.find((candidate) => candidate.name === name)
    if (column === undefined || column.kind === 'time') return []
    const statement =
      column.kind === 'number'
        ? numberScanSql(warehouse, source, [
            { ...column, edges: column.deciles, among: column.edges, centre: centreOf(column) },
          ])
        : categoryScanSql(warehouse, source, { name, type: column.type, always: [] })
    const { sql: text } = warehouse.compile(
      sql`${statement} ORDER BY ${sql.raw(column.kind === 'number' ? 'w, b' : 'w, n DESC NULLS LAST, v')}`,
    )
    return [{ column: name, sql: text }]
  })
}
