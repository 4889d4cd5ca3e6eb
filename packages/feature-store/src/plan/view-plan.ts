import type { ColumnType } from '@martlet/warehouse'
import type { FeaturePlan, Micros } from './feature-plan.ts'
import type { Defaults, KeptValue } from './kept-value.ts'
import type { OnDemandPlan, RequestColumn } from './on-demand-plan.ts'
import type { DimensionPlan, EntityPlan, SourcePlan } from './source-plan.ts'

/** The instants at which a view has rows: every `every` from the epoch, by the clock of `zone`. */
export interface GridPlan {
  readonly every: Micros
  /** An IANA zone; `UTC` unless the view names one. With a zone, `1d` means local midnights. */
  readonly zone: string
}

/**
 * Which clock closes the windows of a continuous view: the instant that is asked for, or the newest event of its source that
 * had arrived by then.
 */
export type WindowClock = 'wall' | 'newest event'

/** No grid: a view has a row at every instant that is asked for, so T = t. */
export interface ContinuousPlan {
  readonly every: 'continuous'
  readonly clock: WindowClock
  readonly zone: 'UTC'
}

/** A feature view, frozen and free of any engine: what the compiler, the catalog and the online store read. */
export interface ViewPlan {
  readonly name: string
  /** The name that the view had in revisions before. */
  readonly renamedFrom?: string
  readonly entity: EntityPlan
  /** Null for a calendar view. */
  readonly source: SourcePlan | null
  readonly grid: GridPlan | ContinuousPlan
  /** The row for T exists from T + delay on. */
  readonly delay: Micros
  /** A row older than this answers OUTSIDE_MAX_AGE; null: never. */
  readonly ttl: Micros | null
  /** How far back late facts may change rows: materialization recomputes that far behind its watermark. */
  readonly repair: Micros
  /** The dimension that decides who has rows; null: whoever has a fact before T. */
  readonly population: DimensionPlan | null
  /** In declared order, derived features last. */
  readonly features: readonly FeaturePlan[]
  /** SHA-256 of everything above that changes values. */
  readonly hash: string
}

/** A view that is computed for the instant at which it is asked. */
export interface ContinuousView extends ViewPlan {
  readonly grid: ContinuousPlan
}

export function isContinuous<V extends Pick<ViewPlan, 'grid'>>(view: V): view is V & { readonly grid: ContinuousPlan } {
  return view.grid.every === 'continuous'
}

/** The feature times of a view; of a continuous one every microsecond. */
export function gridOf({ grid }: Pick<ViewPlan, 'grid'>): GridPlan {
  return grid.every === 'continuous' ? { every: 1, zone: grid.zone } : grid
}

/** The grid of a view that is materialized at feature times, as no continuous view is. */
export function stepsOf({ grid }: Pick<ViewPlan, 'grid'>): GridPlan {
  if (grid.every === 'continuous') throw new Error('a continuous view has no feature times to materialize')
  return grid
}

/** Features of a view, by the name and the keys that a service has them by. */
export interface ViewRead {
  readonly view: ViewPlan
  /** Its role: the name that it has in this service instead of its own. */
  readonly as?: string
  /** Key columns of its entity that have another name in requests and spines of this service. */
  readonly keys?: Readonly<Record<string, string>>
  readonly features: readonly string[]
  /** What is read where features are missing. The rows of the view keep their nulls. */
  readonly defaults?: Defaults
}

/** A view that a service reads; `features` are those in the service's vector. */
export interface ServiceView extends ViewRead {
  /** Its features that are not in the vector, and that on-demand features read. */
  readonly inputs?: readonly string[]
  /** Where its entity is looked up: features of another view are the key columns, in their order. */
  readonly via?: ViewRead
}

/** The name that a view has in a service: its role there, or its own. */
export function nameIn({ view, as }: Pick<ViewRead, 'view' | 'as'>): string {
  return as ?? view.name
}

/** The entity that a service is asked for to read a view, its key columns named as in requests and spines. */
export function entityIn({ view, keys, via }: Pick<ServiceView, 'view' | 'keys' | 'via'>): EntityPlan {
  if (via !== undefined) return entityIn(via)
  const { entity } = view
  if (keys === undefined) return entity
  return { ...entity, keys: entity.keys.map((key) => ({ ...key, name: keys[key.name] ?? key.name })) }
}

/** The views that a service reads, those that only look up an entity last; each once. */
export function viewsRead({ views }: Pick<ServicePlan, 'views'>): readonly ViewPlan[] {
  return [...new Map(readsOf({ views }).map(({ view }) => [view.name, view])).values()]
}

/** Everything that a service reads: its views, and those that only look up an entity. */
export function readsOf({ views }: Pick<ServicePlan, 'views'>): readonly ViewRead[] {
  return [...views, ...views.flatMap(({ via }) => (via === undefined ? [] : [via]))]
}

/** Some features of some views, in order: what a model reads. Vector names are `view__feature`. */
export interface ServicePlan {
  readonly name: string
  readonly views: readonly ServiceView[]
  /** What is computed when it is asked for. */
  readonly onDemand?: readonly { readonly plan: OnDemandPlan; readonly features: readonly string[] }[]
  /** The names of all fields, where they do not stand as the views and then the on-demand features have them. */
  readonly order?: readonly string[]
  readonly hash: string
}

/** One slot of a service's vector. */
export interface VectorField {
  /** `view__feature` */
  readonly name: string
  /** The view, by the name that it has in the service, or the on-demand feature. */
  readonly view: string
  readonly feature: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** What is served where it is missing; it is never null then. */
  readonly default?: KeptValue
}

/** The fields of a service's vector, in order. */
export function vectorFields(service: ServicePlan): readonly VectorField[] {
  const { views, onDemand = [], order } = service
  const fields = [
    ...views.flatMap((read) => {
      const { view, features, defaults } = read
      return fieldsOf(service, { name: nameIn(read), features: view.features }, features, defaults)
    }),
    ...onDemand.flatMap(({ plan, features }) => fieldsOf(service, plan, features)),
  ]
  if (order === undefined) return fields
  const places = new Map(order.map((name, place) => [name, place]))
  return fields.toSorted((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0))
}

/** The column of a training set that says whether a field with a default was missing. */
export function missingColumn({ name }: Pick<VectorField, 'name'>): string {
  return `${name}__missing`
}

/** The column of a training set with the feature times of a view's rows; no feature has that name. */
export function featureTimeColumn(view: string): string {
  return `${view}__feature_time`
}

/** The column of a training set with a key of a view that another view has looked up. */
export function lookedUpColumn(view: string, key: string): string {
  return `${view}__looked_up__${key}`
}

interface Named {
  readonly name: string
  readonly features: readonly Pick<VectorField, 'name' | 'type' | 'nullable'>[]
}

function fieldsOf(
  service: ServicePlan,
  view: Named,
  features: readonly string[],
  defaults: Defaults = {},
): readonly VectorField[] {
  return features.map((name) => {
    const feature = view.features.find((candidate) => candidate.name === name)
    if (feature === undefined)
      throw new Error(`service ${service.name} names ${view.name}.${name}, which the view does not have`)
    const field = { name: `${view.name}__${name}`, view: view.name, feature: name, type: feature.type }
    const given = defaults[name]
    return given === undefined
      ? { ...field, nullable: feature.nullable }
      : { ...field, nullable: false, default: given }
  })
}

/** The distinct key columns that a service needs, in order of first use. */
export function serviceKeys(service: ServicePlan): EntityPlan['keys'] {
  const keys = new Map<string, EntityPlan['keys'][number]>()
  for (const read of service.views)
    for (const key of entityIn(read).keys) if (!keys.has(key.name)) keys.set(key.name, key)
  return [...keys.values()]
}

/** The distinct values that requests of a service bring, in order of first use, with every check that one of them has. */
export function serviceRequest({ onDemand = [] }: ServicePlan): readonly RequestColumn[] {
  const columns = new Map<string, RequestColumn>()
  for (const column of onDemand.flatMap(({ plan }) => plan.request)) {
    const known = columns.get(column.name)
    const merged =
      known === undefined
        ? column
        : {
            ...known,
            nullable: known.nullable && column.nullable,
            checks: [...known.checks, ...column.checks],
          }
    columns.set(column.name, merged)
  }
  return [...columns.values()]
}
