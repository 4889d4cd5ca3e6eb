import type { Kysely } from 'kysely'
import { presentName, isSameView, sameValues } from '../vocabulary/same-values.ts'
import { viewHash } from '../vocabulary/plan-hash.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { readViewPlan } from './plan-json.ts'
import { history } from './definitions.ts'
import { tableHash } from './table-hash.ts'
import { featuresRead, pinnedViews, withOnDemandInputs, type LiveModel } from './live-models.ts'
import type { CatalogTables } from './tables.ts'
import { readViewState, writeViewState, type ViewState } from './view-state.ts'

/**
 * An older definition of a view whose rows are kept next to the present ones, because a live model was trained on it.
 */
export interface KeptDefinition {
  /** The view's name in that definition. */
  readonly view: string
  /** The view's hash in that definition. */
  readonly hash: string
  readonly plan: ViewPlan
  /** The same plan under the name that its feature table, online table and state have. */
  readonly stored: ViewPlan
  readonly state: ViewState
}

/** A definition that has to be kept, and the models that need it. */
export interface NeededDefinition {
  readonly plan: ViewPlan
  /** The name under which its rows are, or will be, kept. */
  readonly name: string
  readonly models: readonly LiveModel[]
}

/** The longest table name that an online store allows. */
const LONGEST_TABLE = 128

/** The name under which rows are kept. A view cannot have it: view names have no two underscores in a row. */
export function keptName(view: string, hash: string): string {
  const suffix = `__${hash.slice(0, 12)}`
  return `${view.slice(0, LONGEST_TABLE - suffix.length)}${suffix}`
}

export function isKeptName(name: string): boolean {
  return name.includes('__')
}

/** The definitions that are kept, or will be from the next run. */
export async function keptDefinitions(db: Kysely<CatalogTables>): Promise<readonly KeptDefinition[]> {
  const names = (await db.selectFrom('view_states').select('view').orderBy('view').execute())
    .map(({ view }) => view)
    .filter(isKeptName)
  const kept: KeptDefinition[] = []
  for (const name of names) {
    const rows = await db
      .selectFrom('definitions')
      .selectAll()
      .where('kind', '=', 'view')
      .where('hash', 'like', `${name.slice(name.lastIndexOf('__') + 2)}%`)
      .orderBy('revision', (order) => order.desc().nullsLast())
      .execute()
    const row = rows.find((one) => keptName(one.name, one.hash) === name)
    if (row === undefined) continue
    const plan = readViewPlan(row.plan, `view ${row.name} revision ${row.revision}`)
    kept.push({
      view: row.name,
      hash: row.hash,
      plan,
      stored: storedPlan(plan, name),
      state: await readViewState(db, name),
    })
  }
  return kept
}

/**
 * The definitions that live models need and that the present views cannot replace. A definition that is already kept
 * is needed until the present view has published rows that can replace it.
 */
export async function neededDefinitions(
  db: Kysely<CatalogTables>,
  models: readonly LiveModel[],
  present: readonly ViewPlan[],
): Promise<readonly NeededDefinition[]> {
  const needed = new Map<string, { readonly plan: ViewPlan; readonly models: LiveModel[] }>()
  const behind = new Set<string>()
  for (const kept of await keptDefinitions(db)) {
    needed.set(kept.stored.name, { plan: kept.plan, models: [] })
    if ((await publishedNames(db, kept)) === undefined) behind.add(kept.stored.name)
  }
  for (const live of models) {
    const reading = await withOnDemandInputs(db, live)
    const pinned = await pinnedViews(db, reading)
    for (const [view, features] of featuresRead(reading)) {
      const trained = pinned.get(view)
      if (trained === undefined) continue
      const known = [...needed].find(
        ([, { plan }]) => isSameView(plan, trained) && sameValues(trained, plan, features),
      )?.[0]
      if (canReplace(present, trained, features) && (known === undefined || !behind.has(known))) continue
      const name = known ?? keptName(trained.name, trained.hash)
      const entry = needed.get(name) ?? { plan: trained, models: [] }
      needed.set(name, entry)
      entry.models.push(live)
    }
  }
  return [...needed].flatMap(([name, entry]) => (entry.models.length === 0 ? [] : [{ name, ...entry }]))
}

/** Records that definitions are to be kept; those that already are stay as they are. */
export async function keepDefinitions(
  db: Kysely<CatalogTables>,
  needed: readonly Pick<NeededDefinition, 'name'>[],
): Promise<void> {
  for (const { name } of needed) {
    const known = await db.selectFrom('view_states').select('view').where('view', '=', name).executeTakeFirst()
    if (known === undefined)
      await writeViewState(db, {
        view: name,
        covered: null,
        pending: null,
        unpublishedFrom: null,
        publishedHash: null,
        publishedTime: null,
      })
  }
}

/**
 * The names that a kept definition's features have in the published rows of the view itself; undefined when those rows
 * belong to a definition that computes other values.
 */
export async function publishedNames(
  db: Kysely<CatalogTables>,
  { view, plan }: Pick<KeptDefinition, 'view' | 'plan'>,
): Promise<readonly string[] | undefined> {
  const { publishedHash } = await readViewState(db, view)
  const revisions = publishedHash === null ? [] : await history(db, 'view', view)
  const published = revisions.find((one) => one.kind === 'view' && tableHash(one.plan) === publishedHash)
  return published?.kind === 'view' ? namesIn(published.plan, plan) : undefined
}

/**
 * The names that a definition's features have in another definition; undefined unless that one computes all of them.
 */
export function namesIn(other: ViewPlan, plan: ViewPlan): readonly string[] | undefined {
  const names = plan.features.map(({ name }) => name)
  if (!isSameView(other, plan) || !sameValues(plan, other, names)) return undefined
  return names.map((name) => presentName(other, plan, name) ?? name)
}

function canReplace(present: readonly ViewPlan[], trained: ViewPlan, features: readonly string[]): boolean {
  const view = present.find(({ name }) => name === trained.name) ?? present.find((one) => isSameView(one, trained))
  return view !== undefined && sameValues(trained, view, features)
}

function storedPlan({ hash: _, renamedFrom: __, ...plan }: ViewPlan, name: string): ViewPlan {
  const core = { ...plan, name }
  return { ...core, hash: viewHash(core) }
}
