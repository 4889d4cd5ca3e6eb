import { MartletError, splitTableName, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { audit, defaultActor } from '../catalog/audit.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { acquireLease, type Lease } from '../catalog/lease.ts'
import { featureTable } from '../materialize/feature-table.ts'
import { count } from '../materialize/survey.ts'
import { recomputeTiles } from '../materialize/refresh-moments.ts'
import type { KeyValue } from '../online/key-value.ts'
import type { OnlineStore } from '../online/online-store.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import { eraseFromCatalog, keptTexts } from './erase-catalog.ts'
import { eraseOnline, type OnlineTable } from './erase-online.ts'
import { erasedKeys, type ErasedKeys } from './erased-keys.ts'
import { heldTables, type HeldTable, type TrainingTable } from './held-tables.ts'
import { keyMentions, type KeyMentions } from './key-mentions.ts'
import { knownPlans, type DefinitionPlan } from './known-plans.ts'
import { entityId, relatedEntities, type KnownPlans, type RelatedEntities } from './related-entities.ts'
import { rowsInSources, sourcesAbout, type SourceRows } from './source-rows.ts'
import { stageKeys, type StagedKeys } from './staged-keys.ts'

export interface EraseOptions {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  /** The online store that serves; left out: its rows stay, and the answer says so. */
  readonly online?: OnlineStore
  /** What `entity` returned, or its plan. */
  readonly entity: EntityPlan | { readonly plan: EntityPlan }
  /** The key columns of each entity to erase. */
  readonly keys: readonly Readonly<Record<string, KeyValue>>[]
  /** Definitions at hand; those of the catalog are known, with all their revisions. */
  readonly definitions?: readonly (DefinitionPlan | { readonly plan: DefinitionPlan })[]
  /** Training sets that lie elsewhere than in `training`, or whose name does not say which service they belong to. */
  readonly trainingSets?: readonly TrainingTable[]
  /**
   * Called before rows of a training set are deleted, so that whoever describes it learns of it even if the process dies.
   */
  readonly beforeTrainingSet?: (change: {
    readonly table: string
    readonly rowsBefore: number
    readonly rowsAfter: number
  }) => Promise<void>
  /** Erases what other packages keep; its places count as this one's. */
  readonly also?: (work: {
    readonly keys: ErasedKeys
    readonly mentions: KeyMentions
    readonly isAbout: (service: string) => boolean
    readonly dryRun: boolean
  }) => Promise<Pick<Erasure, 'removed' | 'unreached'>>
  /** Only counts. @default false */
  readonly dryRun?: boolean
  /** @default MARTLET_ACTOR, else the user of the operating system */
  readonly actor?: string
  /** Why, for the audit log. It must not name a key. */
  readonly reason?: string
}

/** A place that held rows or texts with the keys. */
export interface ErasedPlace {
  readonly kind: string
  readonly place: string
  /** Rows removed, or texts changed; in a dry run: that would be. */
  readonly rows: number
}

export interface Erasure {
  readonly entity: string
  /** How many distinct keys. */
  readonly keys: number
  readonly dryRun: boolean
  readonly removed: readonly ErasedPlace[]
  /**
   * Rows of the user's own tables that still hold the keys. From them, the next materialization computes rows again.
   */
  readonly facts: readonly SourceRows[]
  /** What holds or may hold a key and was left as it is, and why. */
  readonly unreached: readonly string[]
}

/**
 * Removes all rows about some entities from what Martlet has made: feature tables, stored tiles, the online store,
 * training sets in tables, examples of quality checks and errors of runs. The tables that facts come from are the
 * caller's: delete there first.
 *
 * Killed at any moment, the same call made again ends the work. The audit log has who, when, why and how many, never
 * a key or its hash.
 * @throws MartletError ERASE_KEYS_INVALID, ERASE_REASON_NAMES_KEY; LEASE_HELD before anything is changed, while a view of the entity
 * is being materialized
 * @example
 * await erase({ warehouse, catalog, online, entity: customer, keys: [{ customer_id: 'c1' }], reason: 'request 17' })
 */
export async function erase(options: EraseOptions): Promise<Erasure> {
  const { warehouse, catalog, reason = '', dryRun = false } = options
  const entity = 'plan' in options.entity ? options.entity.plan : options.entity
  const keys = erasedKeys(entity, options.keys)
  const plans = await knownPlans(catalog.db, options.definitions ?? [])
  const related = relatedEntities(entity, plans)
  const mentions = keyMentions(keys, related.roles)
  refuseReason(reason, mentions)
  const views = plans.views.filter((view) => related.isRelated(view.entity))
  const actor = options.actor ?? defaultActor()
  const subject = `entity:${entity.name}`
  const leases: Lease[] = []
  try {
    if (!dryRun) leases.push(await onlyErasure(catalog, actor))
    if (!dryRun)
      for (const name of [...new Set(views.map((view) => view.name))].toSorted())
        leases.push(await acquireLease(catalog, name, actor))
    if (!dryRun)
      await audit(catalog.db, { actor, action: 'begin erasure', subject, detail: { keys: keys.rows.length, reason } })
    const done = await warehouse.session((session) =>
      eraseAll({
        options,
        session,
        keys,
        mentions,
        plans,
        related,
        views: views.map(({ name }) => name),
        leases,
        dryRun,
      }),
    )
    if (!dryRun)
      await audit(catalog.db, {
        actor,
        action: 'erase',
        subject,
        detail: {
          keys: keys.rows.length,
          reason,
          removed: done.removed,
          facts: done.facts,
          unreached: done.unreached.length,
        },
      })
    return { entity: entity.name, keys: keys.rows.length, dryRun, ...done }
  } finally {
    for (const lease of leases) await lease.release()
  }
}

/**
 * One erasure at a time: two that rewrite one file would each bring back what the other removed. No view can have
 * this name.
 */
async function onlyErasure(catalog: Catalog, actor: string): Promise<Lease> {
  try {
    return await acquireLease(catalog, '.erasure', actor)
  } catch (cause) {
    if (!(cause instanceof MartletError) || cause.code !== 'LEASE_HELD') throw cause
    const { actor: by, pid, host } = cause.data
    throw new MartletError(
      'LEASE_HELD',
      `Another erasure is under way, by ${String(by)} (process ${String(pid)} on ${String(host)}). ` +
        `Wait for it to end, then run this again.`,
      { data: cause.data, cause },
    )
  }
}

function refuseReason(reason: string, mentions: KeyMentions): void {
  if (!mentions.inExample(reason)) return
  throw new MartletError(
    'ERASE_REASON_NAMES_KEY',
    'The reason names a key that is to be erased, and would keep it in the audit log for ever. Give the number of the request instead.',
  )
}

interface Work {
  readonly options: EraseOptions
  readonly session: Warehouse
  readonly keys: ErasedKeys
  readonly mentions: KeyMentions
  readonly plans: KnownPlans
  readonly related: RelatedEntities
  readonly views: readonly string[]
  readonly leases: readonly Lease[]
  readonly dryRun: boolean
}

async function eraseAll(work: Work): Promise<Pick<Erasure, 'removed' | 'facts' | 'unreached'>> {
  const { options, session, keys, mentions, plans, related, dryRun } = work
  const { catalog, online, trainingSets = [] } = options
  const staged = await stageKeys(session, keys)
  const sources = sourcesAbout(related, plans)
  const facts = await rowsInSources(session, keys.entity, sources, staged)
  const { tables, unreached } = await heldTables(session, keys.entity, related, plans, trainingSets)
  const removed: ErasedPlace[] = []
  const told = [...unreached]
  // What is served goes first.
  for (const table of onlineTables(work, tables)) {
    if (online === undefined) break
    await checkLeases(work)
    const { rows, hashed } = await eraseOnline(online, table, keys, dryRun)
    if (rows > 0) removed.push({ kind: 'online rows', place: `${online.kind} store, table ${table.table}`, rows })
    if (hashed > 0)
      told.push(
        `${online.kind} store, table ${table.table}: ${hashed} keys are too long to be kept and are hashes, ` +
          `so that nobody can tell whose they are; materialize the view anew to be rid of them`,
      )
  }
  if (online === undefined) told.push('the online store: none was given')
  for (const table of tables) {
    await checkLeases(work)
    const rows = await eraseRows(work, table, staged, facts)
    if (rows > 0) removed.push({ kind: table.kind, place: table.table, rows })
  }
  const checked = [...sources.map(({ table }) => table), ...work.views.map((name) => featureTable({ name }))]
  const names = { mentions, checked: [...new Set(checked)], views: work.views }
  removed.push(...(await eraseFromCatalog(catalog.db, session, names, dryRun)))
  const isAbout = (service: string): boolean => {
    const revisions = plans.services.filter(({ name }) => name === service)
    return (
      revisions.length === 0 || revisions.some(({ views }) => views.some(({ view }) => related.isRelated(view.entity)))
    )
  }
  const also = await options.also?.({ keys, mentions, isAbout, dryRun })
  return {
    removed: [...removed, ...(also?.removed ?? [])],
    facts,
    unreached: [...told, ...(also?.unreached ?? []), ...(await keptTexts(catalog.db, mentions))],
  }
}

/** A lease that was lost to another process means that rows may be written again behind this one. */
async function checkLeases({ leases, options: { catalog } }: Work): Promise<void> {
  for (const lease of leases) {
    lease.lost.throwIfAborted()
    await lease.check(catalog.db)
  }
}

async function eraseRows(
  { session, options, dryRun }: Work,
  { table, kind, keys, fact }: HeldTable,
  staged: StagedKeys,
  facts: readonly SourceRows[],
): Promise<number> {
  const condition = staged.matching('held', keys)
  const held = await count(session, sql`SELECT COUNT(*) AS n FROM ${tableRef(table)} held WHERE ${condition}`)
  if (dryRun) return held
  if (kind === 'training set' && held > 0) {
    const rowsBefore = await count(session, sql`SELECT COUNT(*) AS n FROM ${tableRef(table)}`)
    await options.beforeTrainingSet?.({ table, rowsBefore, rowsAfter: rowsBefore - held })
  }
  // Tiles that lack facts which are still there would give wrong sums: the next run computes all of them again.
  const remains =
    kind === 'tiles' &&
    (fact === undefined ? facts.length > 0 : facts.some((one) => one.table.toLowerCase() === fact.toLowerCase()))
  if (held === 0 && !remains) return 0
  return session.transaction(async (transaction) => {
    if (remains) await recomputeTiles(transaction, table)
    return transaction.run(
      sql`DELETE FROM ${tableRef(table)} WHERE ${staged.matching(splitTableName(table).at(-1) ?? table, keys)}`,
    )
  })
}

/**
 * The tables of views of the entity by every revision of theirs, and those that are kept next to them under names of their
 * own.
 */
function onlineTables({ plans, related }: Work, tables: readonly HeldTable[]): readonly OnlineTable[] {
  const views = plans.views.filter((view) => related.isRelated(view.entity))
  const beside = tables.flatMap(({ table, kind }): readonly OnlineTable[] => {
    if (kind !== 'feature table') return []
    const name = table.slice(table.indexOf('.') + 1)
    return views.flatMap((view) =>
      name.toLowerCase().startsWith(`${view.name.toLowerCase()}__`) ? [{ table: name, entity: view.entity }] : [],
    )
  })
  const all = [...views.map(({ name, entity }) => ({ table: name, entity })), ...beside]
  return [...new Map(all.map((one) => [JSON.stringify([one.table, entityId(one.entity)]), one])).values()]
}
