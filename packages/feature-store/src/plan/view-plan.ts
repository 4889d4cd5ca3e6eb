import type { ColumnType } from '@martlet/warehouse'
import type { FeaturePlan, Micros } from './feature-plan.ts'
import type { DimensionPlan, EntityPlan, SourcePlan } from './source-plan.ts'

/** The instants at which a view has rows: every `every` from the epoch, by the clock of `zone`. */
export interface GridPlan {
  readonly every: Micros
  /** An IANA zone; `UTC` unless the view names one. With a zone, `1d` means local midnights. */
  readonly zone: string
}

/** A feature view, frozen and free of any engine: what the compiler, the catalog and the online store read. */
export interface ViewPlan {
  readonly name: string
  /** The name that the view had in revisions before. */
  readonly renamedFrom?: string
  readonly entity: EntityPlan
  /** Null for a calendar view. */
  readonly source: SourcePlan | null
  readonly grid: GridPlan
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

/** Some features of some views, in order: what a model reads. Vector names are `view__feature`. */
export interface ServicePlan {
  readonly name: string
  readonly views: readonly { readonly view: ViewPlan; readonly features: readonly string[] }[]
  readonly hash: string
}

/** One slot of a service's vector. */
export interface VectorField {
  /** `view__feature` */
  readonly name: string
  readonly view: string
  readonly feature: string
  readonly type: ColumnType
  readonly nullable: boolean
}

/** The fields of a service's vector, in order. */
export function vectorFields(service: ServicePlan): readonly VectorField[] {
  return service.views.flatMap(({ view, features }) =>
    features.map((name): VectorField => {
      const feature = view.features.find((candidate) => candidate.name === name)
      if (feature === undefined)
        throw new Error(`service ${service.name} names ${view.name}.${name}, which the view does not have`)
      return {
        name: `${view.name}__${name}`,
        view: view.name,
        feature: name,
        type: feature.type,
        nullable: feature.nullable,
      }
    }),
  )
}

/** The distinct key columns that a service needs, in order of first use. */
export function serviceKeys(service: ServicePlan): EntityPlan['keys'] {
  const keys = new Map<string, EntityPlan['keys'][number]>()
  for (const { view } of service.views)
    for (const key of view.entity.keys) if (!keys.has(key.name)) keys.set(key.name, key)
  return [...keys.values()]
}
