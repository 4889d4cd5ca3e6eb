import { dropTable, sql, tableRef } from '@martlet/warehouse'
import { audit } from '../catalog/audit.ts'
import { instantText } from '../catalog/instant.ts'
import { readViewState } from '../catalog/view-state.ts'
import { exists, featureTable } from './feature-table.ts'
import { changeState, type ViewRun } from './view-run.ts'
import { writerOf } from './writers/writer-of.ts'
import { withoutEarly } from './written-early.ts'

/**
 * Removes the rows from `back` on and sets the watermark to `back`. The watermark moves last: if the process is
 * killed before, the next run goes back again. The publication that follows clears the online store just before it
 * writes.
 */
export async function goBack(run: ViewRun, back: bigint): Promise<void> {
  const { catalog, warehouse, view, actor } = run
  const table = featureTable(view)
  const { covered } = await readViewState(catalog.db, view.name)
  if (writerOf(view).ownTable && (await exists(warehouse, table))) {
    if (covered === null || covered.since >= back) await dropTable(warehouse, table)
    else
      await warehouse.run(sql`DELETE FROM ${tableRef(table)} WHERE feature_time >= ${warehouse.leaves.timestamp(back)}`)
  }
  await changeState(
    run,
    (state) => withoutEarly(state, back),
    async (db) => {
      await db
        .deleteFrom('checkpoints')
        .where('view', '=', view.name)
        .where('to_time', '>', instantText(back))
        .execute()
      await audit(db, {
        actor,
        action: 'go back',
        subject: `view:${view.name}`,
        detail: { to: instantText(back), watermark: covered === null ? null : instantText(covered.watermark) },
      })
    },
  )
}
