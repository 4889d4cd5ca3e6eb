import { MartletError, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
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
      `The rows for profile ${rows.profile.name} cannot be put into windows: ${why}. Set \`current.time\`.`,
      { data: { profile: rows.profile.name } },
    )
  if (rows.time === null) {
    if (windows.length > 0) throw missing('the column that says when a row happened is not named')
    return null
  }
  const found = columnNamed(await relationColumns(warehouse, rows.relation), rows.time)
  if (found === undefined) throw missing(`they have no column ${rows.time}`)
  return found.name
}

/** The time column after columns were renamed to the profile's spelling. */
export function spelledTime(columns: readonly ColumnSpec[], time: string | null): string | null {
  return time === null ? null : (columnNamed(columns, time)?.name ?? time)
}
