import { MartletError } from '@martlet/warehouse'
import type { Catalog } from './catalog.ts'
import { viewWarnings, type DefinitionWarning } from './definition-warnings.ts'
import { newestRevisions } from './definitions.ts'
import type { StoredDefinition } from './definitions.ts'
import { withExamples } from './function-examples.ts'
import { neededDefinitions, type NeededDefinition } from './kept-definitions.ts'
import { modelOutcomes, type Definitions, type LiveModel, type ModelOutcome } from './live-models.ts'
import { viewsRead, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { viewsOf } from '../vocabulary/sources/list.ts'
import {
  compare,
  kindOf,
  removal,
  renaming,
  type Definition,
  type DefinitionChange,
  type StoredView,
} from './definition-change.ts'
import { planText, type AnyPlan } from './plan-json.ts'

export interface DefinitionsPlan {
  readonly changes: readonly DefinitionChange[]
  /** Definitions that stay as they are. */
  readonly unchanged: number
  /** Warnings about all given views, changed or not. */
  readonly warnings: readonly DefinitionWarning[]
  /** What happens to every given live model. */
  readonly models: readonly ModelOutcome[]
  /** The older definitions to keep for them. */
  readonly keep: readonly NeededDefinition[]
}

export interface PlanDefinitionsOptions {
  /** What happens to applied definitions that are not given. @default 'remove' */
  readonly missing?: 'remove' | 'keep'
  /** The live models, so that the plan says what happens to them. @default none */
  readonly models?: readonly LiveModel[]
}

/**
 * Compares definitions with the catalog and plans what applying them would do; changes nothing.
 * Views that only a service or another view mentions count as given. Applied definitions that are not given are planned for removal,
 * unless `missing` is `'keep'`.
 * @throws MartletError DEFINITION_CONFLICT when two definitions share a name, or a view's former name is still defined
 * @throws MartletError ON_DEMAND_FUNCTION_CHANGED when a function gives other values, and its version is the applied one
 * @throws MartletError CATALOG_PLAN_UNREADABLE when a stored definition cannot be read
 */
export async function planDefinitions(
  catalog: Catalog,
  definitions: readonly Definition[],
  options: PlanDefinitionsOptions = {},
): Promise<DefinitionsPlan> {
  const stored = await newestRevisions(catalog.db)
  const wanted = collect(definitions.map((definition) => withExamples(definition, stored)))
  const materialized = new Set(
    (await catalog.db.selectFrom('view_states').select('view').execute()).map(({ view }) => view),
  )
  const known = new Map(stored.map((definition) => [`${definition.kind}:${definition.name}`, definition]))
  const changes: DefinitionChange[] = []
  const renames = renamedViews(wanted, known)
  for (const [key, definition] of wanted) {
    const before = renames.get(key)
    const current = known.get(key)
    const change =
      before === undefined
        ? compare(definition, current, materialized)
        : renaming(definition, current, before, materialized)
    if (change !== undefined) changes.push(change)
  }
  const unchanged = wanted.size - changes.length
  for (const definition of stored) {
    if (definition.state !== 'applied' || wanted.has(`${definition.kind}:${definition.name}`)) continue
    const taken = [...renames].find(([, before]) => before === definition)?.[0]
    if (options.missing === 'keep' && taken === undefined) continue
    changes.push(removal(definition, materialized, taken === undefined ? undefined : wanted.get(taken)?.plan))
  }
  const warnings = [...wanted.values()].flatMap(({ plan }) => ('grid' in plan ? viewWarnings(plan) : []))
  return { changes, unchanged, warnings, ...(await outcomes(catalog, options.models ?? [], stored, changes)) }
}

async function outcomes(
  { db }: Catalog,
  models: readonly LiveModel[],
  stored: readonly StoredDefinition[],
  changes: readonly DefinitionChange[],
): Promise<Pick<DefinitionsPlan, 'models' | 'keep'>> {
  if (models.length === 0) return { models: [], keep: [] }
  const applied = stored.filter(({ state }) => state === 'applied').map(({ plan }) => plan)
  const changed = new Set(changes.map(({ kind, name }) => `${kind}:${name}`))
  const next = [
    ...applied.filter((plan) => !changed.has(`${kindOf(plan)}:${plan.name}`)),
    ...changes.flatMap(({ action, plan }) => (action === 'remove' ? [] : [plan])),
  ]
  const sorted = (plans: readonly AnyPlan[]): Definitions => ({
    views: plans.filter((plan): plan is ViewPlan => 'grid' in plan),
    services: plans.filter((plan): plan is ServicePlan => 'views' in plan),
  })
  const after = sorted(next)
  return {
    models: await modelOutcomes(db, models, sorted(applied), after),
    keep: await neededDefinitions(db, models, after.views),
  }
}

/** The plan as text: each change on a line, with its reasons below it. */
export function definitionsPlanText(plan: DefinitionsPlan): string {
  const signs = { create: '+', change: '~', remove: '-' } as const
  const lines = plan.changes.map(
    ({ action, kind, name, reasons, consequence }) =>
      `${signs[action]} ${kind} ${name}  [${consequence}]${reasons.map((reason) => `\n    ${reason}`).join('')}`,
  )
  const models = plan.models.flatMap(({ model, alias, version, outcome, reasons }) =>
    outcome === 'works' ? [] : [`! model ${model}@${alias} version ${version} ${outcome}: ${reasons.join('; ')}`],
  )
  const { length } = plan.changes
  return [...lines, ...models, `${length === 0 ? 'nothing' : length} to apply, ${plan.unchanged} unchanged`].join('\n')
}

function collect(definitions: readonly Definition[]): ReadonlyMap<string, Definition> {
  const wanted = new Map<string, Definition>()
  const add = (definition: Definition): void => {
    const key = `${kindOf(definition.plan)}:${definition.plan.name}`
    const other = wanted.get(key)
    if (other !== undefined && planText(other.plan) !== planText(definition.plan)) {
      throw new MartletError(
        'DEFINITION_CONFLICT',
        `Two different definitions are called ${key.replace(':', ' ')}. Rename one.`,
        { data: { definition: key } },
      )
    }
    if (other === undefined) wanted.set(key, definition)
  }
  const addRead = (view: ViewPlan): void => {
    for (const read of viewsOf(view.source)?.views ?? []) {
      add({ plan: read })
      addRead(read)
    }
  }
  for (const definition of definitions) add(definition)
  for (const { plan } of definitions) if ('views' in plan) for (const view of viewsRead(plan)) add({ plan: view })
  for (const { plan } of wanted.values()) if ('grid' in plan) addRead(plan)
  return wanted
}

/** Renamed views: from `view:<new name>` to the definition under the old name, which is no longer given. */
function renamedViews(
  wanted: ReadonlyMap<string, Definition>,
  known: ReadonlyMap<string, StoredDefinition>,
): ReadonlyMap<string, StoredView> {
  const renames = new Map<string, StoredView>()
  for (const [key, { plan }] of wanted) {
    if (!('grid' in plan) || plan.renamedFrom === undefined) continue
    const old = `view:${plan.renamedFrom}`
    if (wanted.has(old)) {
      throw new MartletError(
        'DEFINITION_CONFLICT',
        `View ${plan.name} declares ${plan.renamedFrom} as its former name, but a view of that name is still defined. ` +
          'Remove one of them, or its renamedFrom.',
        { data: { definition: key } },
      )
    }
    const before = known.get(old)
    if (before?.kind === 'view' && before.state === 'applied' && known.get(key)?.state !== 'applied')
      renames.set(key, before)
  }
  return renames
}
