import { randomUUID } from 'node:crypto'
import { dropTable, MartletError, replaceTable, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { audit } from '../catalog/audit.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { currentDefinitions, history } from '../catalog/definitions.ts'
import {
  keepDefinitions,
  keptDefinitions,
  namesIn,
  neededDefinitions,
  type KeptDefinition,
} from '../catalog/kept-definitions.ts'
import { acquireLease } from '../catalog/lease.ts'
import type { LiveModel } from '../catalog/live-models.ts'
import { tableHash } from '../catalog/table-hash.ts'
import { readViewState } from '../catalog/view-state.ts'
import type { OnlineStore } from '../online/online-store.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { clusterColumns, exists, featureColumns, featureTable, sideTable } from './feature-table.ts'
import { publishComputed } from './writers/publish-computed.ts'
import { writerOf } from './writers/writer-of.ts'
import { publishedTable } from './published-keys.ts'
import { changeState, endSwap, type ViewRun } from './view-run.ts'

interface Places {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly online?: OnlineStore | undefined
  readonly actor: string
  readonly signal?: AbortSignal | undefined
}

/**
 * The older definitions that a run over some views has to keep up to date, including all those of views that are no
 * longer defined. Their rows are copied from the view and published here, before the view's own rows are replaced.
 */
export async function keepRows(
  places: Places,
  views: readonly ViewPlan[],
  models: readonly LiveModel[] | undefined,
): Promise<readonly KeptDefinition[]> {
  const { db } = places.catalog
  const applied = (await currentDefinitions(db)).flatMap(({ kind, plan }) => (kind === 'view' ? [plan] : []))
  // Given views need not be applied to the catalog.
  const present = [...views, ...applied.filter(({ name }) => views.every((view) => view.name !== name))]
  if (models !== undefined) {
    const needed = await neededDefinitions(db, models, present)
    await keepDefinitions(db, needed)
    await dropUnneeded(places, new Set(needed.map(({ name }) => name)))
  }
  const concerned = (await keptDefinitions(db)).filter(
    ({ view }) => !present.some((one) => isOf(one, view)) || views.some((one) => isOf(one, view)),
  )
  for (const one of concerned) await takeRows(places, one)
  return concerned
}

/**
 * Drops older definitions that no live model needs any more, in the warehouse and online. Those that another process
 * is still computing are left to the next run.
 */
async function dropUnneeded(places: Places, needed: ReadonlySet<string>): Promise<void> {
  for (const one of await keptDefinitions(places.catalog.db)) {
    // Published rows stay known until an online store is given to remove them from.
    if (needed.has(one.stored.name) || (places.online === undefined && one.state.publishedHash !== null)) continue
    try {
      await dropKept(places, one)
    } catch (error) {
      if (!isLeaseHeld(error)) throw error
    }
  }
}

async function dropKept(
  { catalog, warehouse, online, actor }: Places,
  { stored: { name }, view, hash, state }: KeptDefinition,
): Promise<void> {
  await using lease = await acquireLease(catalog, name, actor)
  await warehouse.run(sql`DROP VIEW IF EXISTS ${tableRef(`ml.${name}_latest`)}`)
  if (state.pending !== null) await dropTable(warehouse, sideTable(name, state.pending.hash))
  await dropTable(warehouse, featureTable({ name }))
  await dropTable(warehouse, publishedTable({ name }))
  await online?.clear(name)
  // The state is deleted last: if the process is killed before, the next call drops everything again.
  await catalog.db.transaction().execute(async (db) => {
    await lease.check(db)
    await db.deleteFrom('view_states').where('view', '=', name).execute()
    await db.deleteFrom('newest_rows').where('view', '=', name).execute()
    const detail = {
      table: featureTable({ name }),
      definition: hash,
      because: 'no live model needs it',
      online: online?.kind ?? null,
    }
    await audit(db, { actor, action: 'drop data', subject: `view:${view}`, detail })
  })
}

export function isLeaseHeld(error: unknown): boolean {
  return error instanceof MartletError && error.code === 'LEASE_HELD'
}

function isOf(view: ViewPlan, name: string): boolean {
  return view.name === name || view.renamedFrom === name
}

async function takeRows(places: Places, { view, plan, stored, state }: KeptDefinition): Promise<void> {
  const { catalog, warehouse, online, actor, signal } = places
  if (!writerOf(plan).ownTable || (state.covered !== null && (online === undefined || state.publishedHash !== null)))
    return
  await using lease = await acquireLease(catalog, stored.name, actor)
  const run: ViewRun = { catalog, warehouse, lease, view: stored, hash: tableHash(stored), run: randomUUID(), actor }
  if (state.covered === null) await copyRows(run, view, plan)
  if (online !== undefined) await publishComputed(run, online, signal ?? new AbortController().signal)
}

/** Copies the rows of the view if they are the ones that this definition computes. */
async function copyRows(run: ViewRun, view: string, plan: ViewPlan): Promise<void> {
  const { catalog, warehouse, view: stored, actor } = run
  await using lease = await acquireLease(catalog, view, actor)
  await endSwap({ ...run, lease, view: { ...stored, name: view } })
  const { covered } = await readViewState(catalog.db, view)
  if (covered === null || !(await exists(warehouse, featureTable({ name: view })))) return
  const revisions = (await history(catalog.db, 'view', view)).flatMap((one) =>
    one.kind === 'view' && tableHash(one.plan) === covered.hash ? [one.plan] : [],
  )
  const [computed] = revisions
  const features = computed === undefined ? undefined : namesIn(computed, plan)
  if (features === undefined) return
  const columns = featureColumns(stored)
  const old = [...stored.entity.keys.map(({ name }) => name), 'feature_time', ...features, 'run_id']
  const list = sql.join(columns.map(({ name }, i) => sql`${sql.id(old[i] ?? name)} AS ${sql.id(name)}`))
  // Later rows are not complete.
  const rows = sql`
    SELECT ${list}
    FROM ${tableRef(featureTable({ name: view }))}
    WHERE feature_time < ${warehouse.leaves.timestamp(covered.watermark)}
  `
  await replaceTable(warehouse, {
    table: featureTable(stored),
    rows,
    columns,
    orderBy: clusterColumns(stored),
    clustered: true,
  })
  await changeState(run, (state) => ({ ...state, covered: { ...covered, hash: run.hash }, pending: null }))
}

/** The error at the end of a run in which older definitions could not be brought up to date. */
export function keptFailed(
  failures: readonly { readonly kept: KeptDefinition; readonly error: unknown }[],
): MartletError {
  const said = failures.map(
    ({ kept, error }) =>
      `view ${kept.view} as ${kept.stored.name}: ${error instanceof Error ? error.message : String(error)}`,
  )
  return new MartletError(
    'KEPT_FAILED',
    `The views are up to date, but older definitions that live models were trained on could not be computed: ${said.join('; ')}. ` +
      'Until ttl, those models continue with the rows that exist. Promote versions that were trained on the present definitions, ' +
      'or make the columns available again.',
    {
      data: { kept: failures.map(({ kept }) => kept.stored.name), views: failures.map(({ kept }) => kept.view) },
      cause: failures[0]?.error,
    },
  )
}
