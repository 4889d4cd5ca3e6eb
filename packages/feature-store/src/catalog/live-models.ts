import type { Kysely } from 'kysely'
import { sameType, type ColumnType } from '@martlet/warehouse'
import { presentName, isSameView, sameValues } from '../vocabulary/same-values.ts'
import type { OnDemandPlan } from '../plan/on-demand-plan.ts'
import { nameIn, vectorFields, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { history, revisionWithHash } from './definitions.ts'
import type { CatalogTables } from './tables.ts'

/**
 * A model version that an alias names, with what it needs of definitions. `liveModels` of `@martlet/registry` lists
 * them.
 */
export interface LiveModel {
  readonly model: string
  readonly alias: string
  readonly version: number
  /** The feature service that it was registered for. */
  readonly service: string
  /** The inputs of the model, named `view__feature`. */
  readonly fields: readonly { readonly field: string; readonly type: ColumnType }[]
  /** The hash of each view that it was trained on, by the name that it has in the service. */
  readonly definitionHashes: Readonly<Record<string, string>>
}

/** What happens to a live model when definitions are applied. */
export interface ModelOutcome {
  readonly model: string
  readonly alias: string
  readonly version: number
  /**
   * `kept`: an older definition is kept, which continues to feed the model. `breaks`: predictions will answer 503,
   * because no definition that the model was trained on was ever applied here. `broken`: they already do.
   */
  readonly outcome: 'works' | 'kept' | 'breaks' | 'broken'
  /** What happens to which features of which views. */
  readonly reasons: readonly string[]
}

export interface Definitions {
  readonly views: readonly ViewPlan[]
  readonly services: readonly ServicePlan[]
}

/** Determines what happens to every live model between two states of the definitions. */
export async function modelOutcomes(
  db: Kysely<CatalogTables>,
  models: readonly LiveModel[],
  before: Definitions,
  after: Definitions,
): Promise<readonly ModelOutcome[]> {
  const outcomes: ModelOutcome[] = []
  for (const named of models) {
    const live = await withOnDemandInputs(db, named)
    const pinned = await pinnedViews(db, live)
    const { model, alias, version } = live
    const [kept, gone] = [
      troubles(live, pinned, after, true),
      [...troubles(live, pinned, after, false), ...onDemandTroubles(live, after)],
    ]
    const outcome =
      gone.length > 0
        ? troubles(live, pinned, before, false).length + onDemandTroubles(live, before).length === 0
          ? 'breaks'
          : 'broken'
        : kept.length > 0
          ? 'kept'
          : 'works'
    outcomes.push({ model, alias, version, outcome, reasons: [...gone, ...kept] })
  }
  return outcomes
}

/**
 * A model with the features that its on-demand features read among its own: it needs those, too. The applied definition
 * of its service says which they are.
 */
export async function withOnDemandInputs(db: Kysely<CatalogTables>, live: LiveModel): Promise<LiveModel> {
  const newest = (await history(db, 'service', live.service)).find(({ state }) => state === 'applied')
  const service = newest?.kind === 'service' ? newest.plan : undefined
  return { ...live, fields: withInputs(live.fields, service) }
}

/** Some fields of a service, and after them what those that are computed on demand read. */
export function withInputs(fields: LiveModel['fields'], service: ServicePlan | undefined): LiveModel['fields'] {
  const read = (service?.onDemand ?? []).filter(({ plan }) =>
    fields.some(({ field }) => field.startsWith(`${plan.name}__`)),
  )
  const inputs = read.flatMap(({ plan }) => plan.inputs.map(({ name, type }) => ({ field: name, type })))
  return [...new Map([...fields, ...inputs].map((one) => [one.field, one])).values()]
}

/** On-demand features that are computed differently than when the model was trained. */
function onDemandTroubles(live: LiveModel, { services }: Definitions): readonly string[] {
  const service = services.find(({ name }) => name === live.service)
  return (service?.onDemand ?? []).flatMap(({ plan }) => changedOnDemand(live, plan) ?? [])
}

/** Why an on-demand feature cannot feed a model; undefined when it can, or the model does not read it. */
export function changedOnDemand(
  { fields, definitionHashes }: Pick<LiveModel, 'fields' | 'definitionHashes'>,
  { name, hash }: OnDemandPlan,
): string | undefined {
  const trained = definitionHashes[name]
  if (trained === undefined || trained === hash || !fields.some(({ field }) => field.startsWith(`${name}__`)))
    return undefined
  return `on-demand feature ${name} is computed differently than when the model was trained`
}

/** The definitions that a model was trained on, by view, without those that were never applied here. */
export async function pinnedViews(
  db: Kysely<CatalogTables>,
  live: Pick<LiveModel, 'definitionHashes' | 'fields'>,
): Promise<ReadonlyMap<string, ViewPlan>> {
  const pinned = new Map<string, ViewPlan>()
  for (const [view, hash] of Object.entries(live.definitionHashes)) {
    const plan = await revisionWithHash(db, hash)
    if (plan !== undefined && feeds(plan, live, view)) pinned.set(view, plan)
  }
  return pinned
}

/** Whether a view, called `name` by the model, has the features that it reads, with the types that it takes. */
export function feeds(view: ViewPlan, { fields }: Pick<LiveModel, 'fields'>, name: string): boolean {
  const types = new Map(view.features.map((feature) => [`${name}__${feature.name}`, feature.type]))
  return fields.every(({ field, type }) => !field.startsWith(`${name}__`) || sameType(type, types.get(field)))
}

/** The features that a model reads, by view. */
export function featuresRead({ fields }: Pick<LiveModel, 'fields'>): ReadonlyMap<string, readonly string[]> {
  const read = new Map<string, string[]>()
  for (const { field } of fields) {
    // Neither a view nor a feature has two underscores in its name.
    const [view = '', feature = ''] = field.split('__')
    read.set(view, [...(read.get(view) ?? []), feature])
  }
  return read
}

/**
 * `ofKnown` selects the views whose trained-on definition is known, so that it can be kept; without it, the other
 * views are looked at.
 */
function troubles(
  live: LiveModel,
  pinned: ReadonlyMap<string, ViewPlan>,
  now: Definitions,
  ofKnown: boolean,
): readonly string[] {
  return [...featuresRead(live)].flatMap(([name, features]) => {
    const trained = pinned.get(name)
    if (trained === undefined) return ofKnown ? [] : fieldTroubles(live, name, features, now)
    if (!ofKnown) return roleTroubles(live, name, trained, now)
    return viewTroubles(trained, features, now)
  })
}

/** A view in a role is found by its service, which may not have the role any more. */
function roleTroubles(
  { service }: Pick<LiveModel, 'service'>,
  role: string,
  view: ViewPlan,
  { services }: Definitions,
): readonly string[] {
  if (role === view.name) return []
  const present = services.find(({ name }) => name === service)
  if (present?.views.some((read) => nameIn(read) === role) === true) return []
  return [`service ${service} does not have view ${view.name} as ${role} any more`]
}

function viewTroubles(trained: ViewPlan, features: readonly string[], { views }: Definitions): readonly string[] {
  const present = views.find((view) => view.name === trained.name) ?? views.find((view) => isSameView(view, trained))
  if (present === undefined) return [`view ${trained.name} is not defined any more (it reads ${features.join(', ')})`]
  return features.flatMap((feature) => {
    if (presentName(present, trained, feature) === undefined)
      return [`feature ${feature} of view ${trained.name} is not defined any more`]
    return sameValues(trained, present, [feature])
      ? []
      : [`feature ${feature} of view ${trained.name} is computed differently than when the model was trained`]
  })
}

/** For definitions that were never applied here, only names and types of features are known. */
function fieldTroubles(
  live: LiveModel,
  view: string,
  features: readonly string[],
  { services }: Definitions,
): readonly string[] {
  const service = services.find(({ name }) => name === live.service)
  if (service === undefined) return [`service ${live.service} is not defined any more`]
  const inputs = (service.onDemand ?? []).flatMap(({ plan }) => plan.inputs)
  const known = new Map([...vectorFields(service), ...inputs].map((field) => [field.name, field.type]))
  const wanted = new Map(live.fields.map(({ field, type }) => [field, type]))
  return features.flatMap((feature) => {
    const type = known.get(`${view}__${feature}`)
    if (type === undefined) return [`service ${live.service} has no feature ${feature} of view ${view}`]
    return sameType(type, wanted.get(`${view}__${feature}`))
      ? []
      : [`feature ${feature} of view ${view} has another type`]
  })
}
