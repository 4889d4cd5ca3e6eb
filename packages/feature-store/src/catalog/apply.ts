import type { Transaction } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { audit, defaultActor } from './audit.ts'
import type { Catalog } from './catalog.ts'
import { newestRevisions } from './definitions.ts'
import { clockNow, instantText } from './instant.ts'
import { keepDefinitions } from './kept-definitions.ts'
import { labelLineage, serviceLineage, viewLineage } from './lineage.ts'
import type { ModelOutcome } from './live-models.ts'
import type { DefinitionChange } from './definition-change.ts'
import type { DefinitionsPlan } from './plan-definitions.ts'
import type { AnyPlan } from './plan-json.ts'
import type { CatalogTables, LineageTable } from './tables.ts'

export interface ApplyOptions {
  /** Allows removing views, or features of views, that have rows. @default false */
  readonly allowDrop?: boolean
  /** Allows changes to views that have rows after which all rows must be computed again. @default false */
  readonly allowRebuild?: boolean
  /** Allows changes after which a live model can no longer answer. @default false */
  readonly allowBreaking?: boolean
  /** Who applies, for the audit log. @default MARTLET_ACTOR, else the user of the operating system */
  readonly actor?: string
}

export interface ApplyResult {
  /** The changes made, without those that another process had already made. */
  readonly applied: readonly DefinitionChange[]
}

/**
 * Writes all changes of a plan into the catalog, or none. Applying the same plan again changes nothing.
 * Rows follow with the next `materialize`; `dropRemovedViews` drops the tables of removed views.
 * @throws MartletError APPLY_REFUSED when the plan drops data, needs a rebuild or breaks a live model, and that was not allowed
 * @throws MartletError CATALOG_CHANGED when other changes have been applied since the plan was made
 */
export async function applyDefinitions(
  catalog: Catalog,
  plan: DefinitionsPlan,
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  refuse(plan, options)
  const actor = options.actor ?? defaultActor()
  return catalog.db.transaction().execute(async (db) => {
    const newest = new Map(
      (await newestRevisions(db)).map((definition) => [`${definition.kind}:${definition.name}`, definition]),
    )
    const applied: DefinitionChange[] = []
    for (const change of plan.changes) {
      const current = newest.get(`${change.kind}:${change.name}`)
      if (isDone(change, current)) continue
      if ((current?.revision ?? 0) !== change.base) {
        throw new MartletError(
          'CATALOG_CHANGED',
          `${change.kind} ${change.name} was changed by ${current?.appliedBy ?? 'somebody'} at ${current?.appliedAt}, ` +
            'after this plan was made. Plan again and review the new differences.',
          { data: { kind: change.kind, name: change.name, planned: change.base, found: current?.revision } },
        )
      }
      await write(db, change, actor)
      applied.push(change)
    }
    await keepDefinitions(db, plan.keep)
    return { applied }
  })
}

function refuse(plan: DefinitionsPlan, options: ApplyOptions): void {
  const drops =
    options.allowDrop === true
      ? []
      : plan.changes.filter(({ consequence }) => consequence === 'drops data' || consequence === 'drops columns')
  const rebuilds =
    options.allowRebuild === true ? [] : plan.changes.filter(({ consequence }) => consequence === 'needs rebuild')
  const breaks = options.allowBreaking === true ? [] : plan.models.filter(({ outcome }) => outcome === 'breaks')
  if (drops.length + rebuilds.length + breaks.length === 0) return
  const say = ({ kind, name, reasons, consequence }: DefinitionChange): string =>
    `${kind} ${name} ${consequence} (${reasons.join(', ')})`
  const sayModel = ({ model, alias, version, reasons }: ModelOutcome): string =>
    `model ${model}@${alias} version ${version} breaks (${reasons.join(', ')})`
  const allow = [
    ...(drops.length > 0 ? ['allowDrop'] : []),
    ...(rebuilds.length > 0 ? ['allowRebuild'] : []),
    ...(breaks.length > 0 ? ['allowBreaking'] : []),
  ].join(' and ')
  const said = [...[...drops, ...rebuilds].map(say), ...breaks.map(sayModel)].join('; ')
  throw new MartletError('APPLY_REFUSED', `Nothing was applied: ${said}. Pass ${allow} if you want this.`, {
    data: {
      drops: drops.map(({ name }) => name),
      rebuilds: rebuilds.map(({ name }) => name),
      breaks: breaks.map(({ model, alias, version }) => ({ model, alias, version })),
    },
  })
}

function isDone(
  change: DefinitionChange,
  current:
    | {
        readonly state: string
        readonly text: string
        readonly description: string | null
        readonly owner: string | null
        readonly tags: readonly string[]
      }
    | undefined,
): boolean {
  if (change.action === 'remove') return current?.state === 'removed'
  return (
    current?.state === 'applied' &&
    current.text === change.text &&
    current.description === change.description &&
    current.owner === change.owner &&
    JSON.stringify(current.tags) === JSON.stringify(change.tags)
  )
}

async function write(db: Transaction<CatalogTables>, change: DefinitionChange, actor: string): Promise<void> {
  const { kind, name, hash, text, description, owner, reasons, consequence, action } = change
  await db
    .insertInto('definitions')
    .values({
      kind,
      name,
      revision: change.base + 1,
      state: action === 'remove' ? 'removed' : 'applied',
      hash,
      plan: text,
      description,
      owner,
      tags: JSON.stringify(change.tags),
      applied_at: instantText(clockNow()),
      applied_by: actor,
    })
    .execute()
  await db.deleteFrom('lineage').where('stated_by', '=', `${kind}:${name}`).execute()
  if (action !== 'remove')
    for (const edge of lineage(change.plan)) await db.insertInto('lineage').values(edge).execute()
  await audit(db, {
    actor,
    action: action === 'remove' ? 'remove' : 'apply',
    subject: `${kind}:${name}`,
    detail: { revision: change.base + 1, action, hash, reasons, consequence },
  })
}

function lineage(plan: AnyPlan): readonly LineageTable[] {
  if ('grid' in plan) return viewLineage(plan)
  return 'views' in plan ? serviceLineage(plan) : labelLineage(plan)
}
