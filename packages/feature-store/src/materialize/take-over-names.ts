import type { Kysely } from 'kysely'
import { dropTable, replaceTable, sql, tableRef } from '@martlet/warehouse'
import { currentView, history } from '../catalog/definitions.ts'
import { acquireLease } from '../catalog/lease.ts'
import { tableHash } from '../catalog/table-hash.ts'
import type { CatalogTables } from '../catalog/tables.ts'
import { readViewState, writeViewState, type ViewState } from '../catalog/view-state.ts'
import type { OnlineStore } from '../online/online-store.ts'
import { inNamesOf } from '../vocabulary/same-values.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { createLatestView } from './feature-table-ddl.ts'
import { clusterColumns, exists, featureColumns, featureTable } from './feature-table.ts'
import { writerOf } from './writers/writer-of.ts'
import { publishedTable } from './published-keys.ts'
import { moveStale } from './stale-rows.ts'
import { changeState, endSwap, type ViewRun } from './view-run.ts'

/** Rows of a view that are stored under former names, and are otherwise the ones that it would compute. */
export interface FormerRows {
  /** The view's former name; its present one when only features were renamed. */
  readonly name: string
  /** The former name of each feature, in plan order. */
  readonly features: readonly string[]
  /** The state of the view after it has taken over the rows. */
  readonly state: ViewState
}

/** The rows that a view takes over from its former names; undefined when it has its own, or has to compute them. */
export async function formerRows(db: Kysely<CatalogTables>, view: ViewPlan): Promise<FormerRows | undefined> {
  const own = await readViewState(db, view.name)
  if (own.covered !== null)
    return own.covered.hash === tableHash(view) ? undefined : renamedFeatures(db, view, own, own.covered.hash)
  // Precomputed tables are read where they are, so there are no rows to take over, and everything is published again.
  if (
    own.pending !== null ||
    view.renamedFrom === undefined ||
    !writerOf(view).ownTable ||
    (await currentView(db, view.renamedFrom)) !== undefined
  )
    return undefined
  const former = await readViewState(db, view.renamedFrom)
  return former.covered === null ? undefined : renamedFeatures(db, view, former, former.covered.hash)
}

async function renamedFeatures(
  db: Kysely<CatalogTables>,
  view: ViewPlan,
  state: ViewState,
  hash: string,
): Promise<FormerRows | undefined> {
  const revisions = (await history(db, 'view', state.view)).flatMap(({ kind, plan }) => (kind === 'view' ? [plan] : []))
  // When definitions are not applied to the catalog, its history is empty, and all names may be the former ones.
  const unknown = {
    ...view,
    name: state.view,
    features: view.features.map((feature) => ({ ...feature, name: feature.renamedFrom ?? feature.name })),
  }
  for (const before of [...revisions.filter((revision) => tableHash(revision) === hash), unknown]) {
    const named = inNamesOf(view, before)
    if (named.name !== state.view || tableHash(named) !== hash) continue
    const now = tableHash(view)
    const renamed = <Range extends { readonly hash: string }>(range: Range | null): Range | null =>
      range === null || range.hash !== hash ? range : { ...range, hash: now }
    const published =
      state.view === view.name ? {} : { unpublishedFrom: null, publishedHash: null, publishedTime: null }
    return {
      name: state.view,
      features: named.features.map(({ name }) => name),
      state: {
        ...state,
        ...published,
        view: view.name,
        covered: renamed(state.covered),
        pending: renamed(state.pending),
      },
    }
  }
  return undefined
}

/**
 * Moves rows from a view's former names to its present ones without computing any: columns are renamed, and the rows
 * of a renamed view are copied. If the process is killed at any moment, the same call ends in the same state.
 */
export async function takeOverNames(run: ViewRun): Promise<void> {
  const { catalog, view } = run
  const former = await formerRows(catalog.db, view)
  if (former === undefined) return
  const { covered } = await readViewState(catalog.db, former.name)
  if (covered !== null)
    await moveStale(
      run.warehouse,
      { view: former.name, definition: covered.hash },
      { view: view.name, definition: run.hash },
    )
  if (former.name === view.name) await renameColumns(run, former)
  else await copyFormer(run, former.name)
}

async function renameColumns(run: ViewRun, { features, state }: FormerRows): Promise<void> {
  const { warehouse, view } = run
  const table = featureTable(view)
  const columns = new Set((await warehouse.introspect(table))?.map(({ name }) => name))
  for (const [i, { name }] of view.features.entries()) {
    const old = features[i]
    if (old === undefined || old === name || !columns.has(old) || columns.has(name)) continue
    await warehouse.run(sql`ALTER TABLE ${tableRef(table)} RENAME COLUMN ${sql.id(old)} TO ${sql.id(name)}`)
  }
  await changeState(run, () => state)
  if (columns.size > 0) await createLatestView(warehouse, view, writerOf(view).latestRows(warehouse.leaves, view))
}

async function copyFormer(run: ViewRun, name: string): Promise<void> {
  const { catalog, warehouse, view, actor } = run
  await using lease = await acquireLease(catalog, name, actor)
  await endSwap({ ...run, lease, view: { ...view, name } })
  const former = await formerRows(catalog.db, view)
  if (former === undefined || former.name !== name) return
  const columns = featureColumns(view)
  if (await exists(warehouse, featureTable({ name }))) {
    const old = [...view.entity.keys.map((key) => key.name), 'feature_time', ...former.features, 'run_id']
    const rows = sql`
      SELECT ${sql.join(columns.map((column, i) => sql`${sql.id(old[i] ?? column.name)} AS ${sql.id(column.name)}`))}
      FROM ${tableRef(featureTable({ name }))}
    `
    await replaceTable(warehouse, {
      table: featureTable(view),
      rows,
      columns,
      orderBy: clusterColumns(view),
      clustered: true,
    })
    await createLatestView(warehouse, view, writerOf(view).latestRows(warehouse.leaves, view))
  }
  await catalog.db.transaction().execute(async (db) => {
    await lease.check(db)
    await run.lease.check(db)
    await writeViewState(db, former.state)
    await db.deleteFrom('view_states').where('view', '=', name).execute()
    await db.deleteFrom('newest_rows').where('view', '=', view.name).execute()
    await db.updateTable('newest_rows').set({ view: view.name }).where('view', '=', name).execute()
  })
}

/**
 * Drops what is left under a view's former name, in the warehouse and online, once its rows exist under the present
 * one.
 */
export async function dropFormer(
  { catalog, warehouse, view, hash, actor }: ViewRun,
  online: OnlineStore | undefined,
): Promise<void> {
  const { renamedFrom: name } = view
  if (name === undefined || (await currentView(catalog.db, name)) !== undefined) return
  const { covered, publishedHash } = await readViewState(catalog.db, view.name)
  if (covered?.hash !== hash) return
  const table = await exists(warehouse, featureTable({ name }))
  const rows = online !== undefined && publishedHash === hash && (await online.count(name)) > 0
  const stored = await catalog.db.selectFrom('view_states').select('view').where('view', '=', name).executeTakeFirst()
  if (!table && !rows && stored === undefined) return
  await using lease = await acquireLease(catalog, name, actor)
  await warehouse.run(sql`DROP VIEW IF EXISTS ${tableRef(`ml.${name}_latest`)}`)
  await dropTable(warehouse, featureTable({ name }))
  await dropTable(warehouse, publishedTable({ name }))
  if (rows) await online?.clear(name)
  await catalog.db.transaction().execute(async (db) => {
    await lease.check(db)
    await db.deleteFrom('view_states').where('view', '=', name).execute()
  })
}
