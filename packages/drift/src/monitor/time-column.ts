import { MartletError, nearestName, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { relationColumns } from '../count/relation.ts'
import { columnNamed } from '../count/spelling.ts'
import type { TimeWindow } from '../count/windows.ts'
import type { ResolvedRows } from './current-rows.ts'

/**
 * The time column as the relation spells it; null when there are no windows to sort rows into.
 *
 * @throws MartletError TIME_COLUMN_MISSING when rows are to be sorted into windows and no such column is named or there
 */
export async function timeColumn(
  warehouse: Warehouse,
  rows: ResolvedRows,
  windows: readonly TimeWindow[],
): Promise<string | null> {
  const missing = (why: string): MartletError =>
    new MartletError(
      'TIME_COLUMN_MISSING',
      `The rows for profile ${rows.profile.name} cannot be put into windows: ${why}. Name it with \`time\`.`,
      { data: { profile: rows.profile.name } },
    )
  if (rows.time === null) {
    if (windows.length > 0) throw missing('the column that says when a row happened is not named')
    return null
  }
  const columns = await relationColumns(warehouse, rows.relation)
  const found = columnNamed(columns, rows.time)
  if (found === undefined) {
    const near = nearestName(
      rows.time,
      columns.map(({ name }) => name),
    )
    const meant = near === undefined ? '' : `, but ${near}`
    throw missing(`they have no column ${rows.time}${meant}, that says when a row happened`)
  }
  return found.name
}

/** The time column after columns were renamed to the profile's spelling. */
export function spelledTime(columns: readonly ColumnSpec[], time: string | null): string | null {
  return time === null ? null : (columnNamed(columns, time)?.name ?? time)
}
