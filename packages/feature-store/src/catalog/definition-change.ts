import { labelHash } from '../vocabulary/plan-hash.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { OnDemandFunctions } from '../on-demand/on-demand-functions.ts'
import type { StoredDefinition } from './definitions.ts'
import { labelDifference, serviceDifference, viewDifference } from './difference.ts'
import { planText, type AnyPlan } from './plan-json.ts'
import { isOnlyRenamed } from './table-hash.ts'
import type { DefinitionKind } from './tables.ts'

/** The part of what `featureView`, `featureService` and `label` return that the catalog reads. */
export interface Definition {
  readonly plan: AnyPlan
  readonly about?: { readonly description?: string; readonly owner?: string; readonly tags?: readonly string[] }
  /** The on-demand features of a service, with their functions. */
  readonly onDemand?: OnDemandFunctions
}

/** What a change does to rows that are already materialized. */
export type Consequence =
  | 'nothing stored yet'
  | 'metadata only'
  | 'adds columns'
  | 'needs rebuild'
  | 'drops columns'
  | 'drops data'

export interface DefinitionChange {
  readonly kind: DefinitionKind
  readonly name: string
  readonly action: 'create' | 'change' | 'remove'
  readonly reasons: readonly string[]
  readonly consequence: Consequence
  /** The revision that this change was planned against; 0 when none existed. */
  readonly base: number
  readonly hash: string
  readonly text: string
  readonly plan: AnyPlan
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
}

export function kindOf(plan: AnyPlan): DefinitionKind {
  if ('grid' in plan) return 'view'
  return 'views' in plan ? 'service' : 'label'
}

export type StoredView = StoredDefinition & { readonly kind: 'view' }

/** What applying a definition changes; undefined when nothing does. */
export function compare(
  definition: Definition,
  current: StoredDefinition | undefined,
  materialized: ReadonlySet<string>,
): DefinitionChange | undefined {
  const { plan, about = {} } = definition
  const kind = kindOf(plan)
  const fields = {
    kind,
    name: plan.name,
    base: current?.revision ?? 0,
    plan,
    text: planText(plan),
    hash: 'hash' in plan ? plan.hash : labelHash(plan),
    description: about.description ?? null,
    owner: about.owner ?? null,
    tags: about.tags ?? [],
  }
  const stored = kind === 'view' && materialized.has(plan.name)
  if (current === undefined || current.state === 'removed') {
    return {
      ...fields,
      action: 'create',
      reasons: current === undefined ? [] : ['was removed before'],
      consequence: 'nothing stored yet',
    }
  }
  const metadata = (['description', 'owner'] as const)
    .filter((key) => current[key] !== fields[key])
    .map((key) => `${key} changed`)
  if (JSON.stringify(current.tags) !== JSON.stringify(fields.tags)) metadata.push('tags changed')
  if (current.text === fields.text && metadata.length === 0) return undefined
  if (current.text === fields.text)
    return { ...fields, action: 'change', reasons: metadata, consequence: 'metadata only' }
  if (current.kind === 'view' && 'grid' in plan) {
    const difference = viewDifference(current.plan, plan)
    const declared = sameFormerNames(current.plan, plan)
      ? 'source columns are declared differently'
      : 'former names are declared differently'
    const said = difference.reasons.length > 0 ? difference.reasons : [declared]
    const consequence = viewConsequence(difference, !isOnlyRenamed(current.plan, plan), stored)
    return { ...fields, action: 'change', reasons: [...said, ...metadata], consequence }
  }
  const reasons =
    current.kind === 'service' && 'views' in plan
      ? serviceDifference(current.plan, plan)
      : current.kind === 'label' && 'fact' in plan
        ? labelDifference(current.plan, plan)
        : []
  return {
    ...fields,
    action: 'change',
    reasons: [...(reasons.length === 0 ? ['a view that it reads is declared differently'] : reasons), ...metadata],
    consequence: 'metadata only',
  }
}

/** As {@link compare}, of a view that takes over the rows of one under another name. */
export function renaming(
  definition: Definition,
  current: StoredDefinition | undefined,
  before: StoredView,
  materialized: ReadonlySet<string>,
): DefinitionChange | undefined {
  const created = compare(definition, current, materialized)
  if (created === undefined || !('grid' in created.plan)) return created
  const { reasons } = viewDifference(before.plan, created.plan)
  const kept = materialized.has(before.name) && isOnlyRenamed(before.plan, created.plan)
  return { ...created, reasons, consequence: kept ? 'metadata only' : 'nothing stored yet' }
}

function sameFormerNames(before: ViewPlan, after: ViewPlan): boolean {
  const former = ({ renamedFrom, features }: ViewPlan): string =>
    JSON.stringify([renamedFrom, features.map((feature) => feature.renamedFrom ?? null)])
  return former(before) === former(after)
}

function viewConsequence(
  difference: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly changesValues: boolean
  },
  rehashed: boolean,
  stored: boolean,
): Consequence {
  if (!rehashed) return 'metadata only'
  if (!stored) return 'nothing stored yet'
  if (difference.removed.length > 0) return 'drops columns'
  return difference.added.length > 0 && !difference.changesValues ? 'adds columns' : 'needs rebuild'
}

/** What removing a definition does. `taken`: the view that takes over the rows under another name. */
export function removal(
  definition: StoredDefinition,
  materialized: ReadonlySet<string>,
  taken: AnyPlan | undefined,
): DefinitionChange {
  const { kind, name, plan, text, hash, description, owner, tags, revision } = definition
  if (taken !== undefined && 'grid' in taken && 'grid' in plan && isOnlyRenamed(plan, taken)) {
    const reasons = [`is called ${taken.name} now`]
    return {
      kind,
      name,
      action: 'remove',
      reasons,
      consequence: 'metadata only',
      base: revision,
      hash,
      text,
      plan,
      description,
      owner,
      tags,
    }
  }
  const stored = kind === 'view' && materialized.has(name)
  return {
    kind,
    name,
    action: 'remove',
    reasons: ['is not defined any more'],
    consequence: stored ? 'drops data' : kind === 'view' ? 'nothing stored yet' : 'metadata only',
    base: revision,
    hash,
    text,
    plan,
    description,
    owner,
    tags,
  }
}
