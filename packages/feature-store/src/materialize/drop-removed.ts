import { dropTable, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { audit, defaultActor } from '../catalog/audit.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { newestRevisions } from '../catalog/definitions.ts'
import { acquireLease } from '../catalog/lease.ts'
import { readViewState } from '../catalog/view-state.ts'
import type { OnlineStore } from '../online/online-store.ts'
import { keepRows } from './keep-rows.ts'
import { featureTable, sideTable } from './feature-table.ts'
import { publishedTable } from './published-keys.ts'

export interface DropOptions {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly online?: OnlineStore
  readonly actor?: string
}

/**
 * Drops the rows, in the warehouse and online, of views that were removed with `applyDefinitions`, and returns their
 * names.
 * @throws MartletError LEASE_HELD when another process is materializing one of the views
 */
export async function dropRemovedViews(options: DropOptions): Promise<readonly string[]> {
  const { warehouse, catalog, online } = options
  const actor = options.actor ?? defaultActor()
  const newest = await newestRevisions(catalog.db)
  const computed = new Set(
    (await catalog.db.selectFrom('view_states').select('view').execute()).map(({ view }) => view),
  )
  // A renamed view takes over the rows under its former name when it is next materialized.
  const awaited = new Set(
    newest.flatMap(({ kind, state, name, plan }) =>
      kind === 'view' && state === 'applied' && !computed.has(name) ? [plan.renamedFrom] : [],
    ),
  )
  // Older definitions that live models need copy their rows before these are dropped.
  await keepRows({ ...options, actor }, [], undefined)
  const removed = newest.filter(({ kind, state, name }) => kind === 'view' && state === 'removed' && !awaited.has(name))
  const dropped: string[] = []
  for (const { name } of removed) {
    const stored = await catalog.db.selectFrom('view_states').select('view').where('view', '=', name).executeTakeFirst()
    if (stored === undefined) continue
    await using lease = await acquireLease(catalog, name, actor)
    const { pending } = await readViewState(catalog.db, name)
    await warehouse.run(sql`DROP VIEW IF EXISTS ${tableRef(`ml.${name}_latest`)}`)
    if (pending !== null) await dropTable(warehouse, sideTable(name, pending.hash))
    await dropTable(warehouse, featureTable({ name }))
    await dropTable(warehouse, publishedTable({ name }))
    await online?.clear(name)
    // The state is deleted last: if the process is killed before, the next call drops everything again.
    await catalog.db.transaction().execute(async (db) => {
      await lease.check(db)
      await db.deleteFrom('view_states').where('view', '=', name).execute()
      await db.deleteFrom('newest_rows').where('view', '=', name).execute()
      await audit(db, {
        actor,
        action: 'drop data',
        subject: `view:${name}`,
        detail: { table: featureTable({ name }), online: online?.kind ?? null },
      })
    })
    dropped.push(name)
  }
  return dropped
}
