import type { Kysely } from 'kysely'
import { newestInstantBefore } from '../plan/time/grid.ts'
import { gridOf, type ViewPlan } from '../plan/view-plan.ts'
import { instantText, toMicros } from './instant.ts'
import type { CatalogTables } from './tables.ts'
import { passedThroughOf } from '../vocabulary/sources/list.ts'

/**
 * Records the newest feature time that has a row (null: the table is empty). Call it in the transaction that moves
 * the watermark.
 */
export async function noteNewestRow(db: Kysely<CatalogTables>, view: string, newest: bigint | null): Promise<void> {
  const newest_time = newest === null ? null : instantText(newest)
  const { numUpdatedRows } = await db
    .updateTable('newest_rows')
    .set({ newest_time })
    .where('view', '=', view)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) await db.insertInto('newest_rows').values({ view, newest_time }).execute()
}

/**
 * The newest feature time that has a row in a view's table; null when there is none. When a table was last written by
 * a version that did not record it, this is the last feature time before the watermark.
 */
export async function newestRowOf(
  db: Kysely<CatalogTables>,
  view: ViewPlan,
  watermark: bigint | null,
): Promise<bigint | null> {
  if (watermark === null || passedThroughOf(view.source) !== undefined) return null
  const last = newestInstantBefore(gridOf(view), watermark)
  const recorded = await db
    .selectFrom('newest_rows')
    .select('newest_time')
    .where('view', '=', view.name)
    .executeTakeFirst()
  if (recorded === undefined) return last
  if (recorded.newest_time === null) return null
  const newest = toMicros(recorded.newest_time)
  return newest < last ? newest : last
}
