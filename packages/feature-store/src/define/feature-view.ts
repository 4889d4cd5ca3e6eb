import { freezeDeep } from '../plan/canonical-json.ts'
import { viewHash } from '../vocabulary/plan-hash.ts'
import type { Defaults } from '../plan/kept-value.ts'
import { gridOf, type ViewPlan, type WindowClock } from '../plan/view-plan.ts'
import { aboutOf, type About } from './about.ts'
import type { EmptyRow, Row } from './sources/columns.ts'
import { planDerived, type DerivedMap, type DerivedOf } from './features/derived.ts'
import { givenDefaults, splitDefaults, type DefaultedValue, type FittingDefault } from './features/default-value.ts'
import type { Dimension } from './sources/dimension.ts'
import {
  continuousFeatures,
  continuousTiming,
  type ContinuousOnly,
  type Every,
  type GridOnly,
  type Refusals,
} from './continuous.ts'
import type { Duration } from './duration.ts'
import { planVia, type FittingVia, type Through } from './via.ts'
import { planRole, renamedEntity, type InRole, type Role, type RoleKeys } from './role.ts'
import { entityOf as keyedBy, type AnyEntity, type Entity, type Everyone } from './sources/entity.ts'
import type { ExpressionRow } from './expressions/expression-row.ts'
import {
  planStandings,
  type Everybody,
  type StandingMap,
  type StandingsOf,
  type UnfitStanding,
} from './features/standing.ts'
import type { ColumnsOf, DefaultedIn, FeatureMap, Misplaced, NameClashes, OffGrid, Unfit } from './features/features.ts'
import { planTiming } from './grid.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import { sourceKind, viewsOf } from '../vocabulary/sources/list.ts'
import type { Valued } from './expressions/operand.ts'
import { evaluate, invalid } from './invalid-definition.ts'
import type { AnyViews } from './sources/views.ts'
import { checkDistinct, checkTableName, checkVectorName } from './names.ts'
import { checkRenames } from './features/renamed-from.ts'
import {
  builderArguments,
  type AnyDimension,
  type AnySource,
  type BuilderOf,
  type EventsSource,
  type MoreOf,
} from './features/view-builder.ts'
import { checkFeatureNames, checkWindows, entityOf, planFeatures, populationPlan, sourcePlan } from './view-parts.ts'

/**
 * Features of an entity on a grid of times. `F` maps each picked feature's name to the type of its values; `D` are the
 * names of those with a default, which are never null.
 */
export interface FeatureView<N extends string, E extends AnyEntity, F extends Row, D extends string = string> {
  readonly kind: 'view'
  readonly name: N
  readonly of: E
  readonly about: About
  /** The name and the keys by which services ask for it, where these are not its own. */
  readonly role: Role
  /** The whole view, whatever is picked. */
  readonly plan: ViewPlan
  /** The features that services of this view read: all, unless picked. */
  readonly picked: readonly string[]
  /** What services of this view serve where a picked feature is missing. */
  readonly defaults: Defaults
  readonly '~features'?: F
  readonly '~defaults'?: D
  /** The same view with only these features, in this order, for a service. */
  pick<const K extends readonly [keyof F & string, ...(keyof F & string)[]]>(
    ...names: K
  ): FeatureView<N, E, Pick<F, K[number]>, Extract<D, K[number]>>
  /**
   * The same view with what is served where some of its features are missing. The status still says why a value is
   * missing, and the view's rows keep the null.
   *
   * @example customerUsage.pick('kwh_7d', 'tier').default({ kwh_7d: 0 })
   */
  default<V, const G extends Readonly<Record<string, unknown>>>(
    this: V,
    values: FittingDefaults<FeaturesOf<V>, G>,
  ): WithDefaultsOf<V, keyof G & string>
  /**
   * The same view in a role: under another name in a service, and asked for by other columns, so that a service can have
   * it more than once.
   *
   * @example location.as('origin', { location_id: 'origin_id' })   // origin__temp_24h
   */
  as<V, const N extends string, const M extends Readonly<Record<string, unknown>> = EmptyRow>(
    this: V,
    role: N,
    keys?: RoleKeys<V, M>,
  ): InRole<V, N, M>
  /**
   * The same view of an entity that is looked up: a feature of another view, as it would be served, is its key, so that a
   * request names the entity of that view only. Of a compound key a feature for each column.
   *
   * @example weather.via(profile, 'region')   // asked for by customer_id
   */
  via<V, const P extends AnyFeatureView, const C>(this: V, view: P, feature: FittingVia<V, P, C>): Through<V, P>
}

export type AnyFeatureView = FeatureView<string, AnyEntity, Row>

type FittingDefaults<F, G> = {
  readonly [K in keyof G]: K extends keyof F
    ? FittingDefault<F[K], G[K]>
    : `the view has no feature '${K & string}' to give a default to`
}
type WithDefaultsOf<V, G extends string> =
  V extends FeatureView<infer N, infer E, infer F, infer D> ? FeatureView<N, E, WithDefaults<F, G>, D | G> : never
/** The types of features of which some are never null. */
type WithDefaults<F extends Row, D extends string> = [D] extends [never]
  ? F
  : { readonly [K in keyof F]: K extends D ? Exclude<F[K], null> : F[K] }
type DefaultNames<F, D, A> = DefaultedIn<F> | DefaultedOf<D> | DefaultedOf<A>
type DefaultedOf<D> = {
  [K in keyof D & string]: D[K] extends { readonly '~defaulted': true } ? K : never
}[keyof D & string]

/** The features of a view and the types of their values. */
export type FeaturesOf<V> = V extends { readonly '~features'?: infer F } ? F : never

export interface FeatureViewSpec<S, E, F, D, P, A, V = Duration> extends About {
  /** The entity that rows describe; absent for a calendar, which is the same for everybody. */
  readonly of?: DescribedEntity<S, E>
  /**
   * The fact, dimension or precomputed table that features are made of, or other views of the same entity; absent for a
   * calendar.
   */
  readonly from?: S
  /**
   * The distance of feature times: divides a day evenly, or is a whole number of days. Or `'continuous'`: no feature times,
   * a row is of the instant that is asked for and has the events that came until then.
   */
  readonly every: V
  /**
   * What closes the windows of a continuous view: the instant that is asked for, or the newest event of its fact that had
   * arrived by then. @default 'wall'
   */
  readonly clock?: ContinuousOnly<V, WindowClock, 'clock'>
  /**
   * The time that facts take to arrive: the row for T serves from T + delay on.
   * @default '0h'; over other views, the longest delay of these
   */
  readonly delay?: GridOnly<V, Duration, 'delay'>
  /** A row older than this is not served; at least delay + every. @default never too old */
  readonly ttl?: GridOnly<V, Duration, 'ttl'>
  /** How far back late facts may still change rows. @default '0h'; over other views at least as far as in these */
  readonly repair?: GridOnly<V, Duration, 'repair'>
  /**
   * An IANA zone: feature times are its midnights (and the like), calendar parts are read off its clock.
   * @default 'UTC'
   */
  readonly zone?: GridOnly<V, string, 'zone'>
  /**
   * The name that this view had before: its rows are kept, and models that were trained on the old name continue to be
   * served.
   */
  readonly renamedFrom?: string
  /** The dimension that decides who has rows. @default whoever has a fact before T */
  readonly population?: GridOnly<V, FittingPopulation<P, E>, 'population'>
  /** Over other views, their features come first: `(v, f) => ({ kwh: v.kwh_7d, region: f.attribute(customers, 'region') })`. */
  readonly features: (f: BuilderOf<S, E>, more: MoreOf<S, E>) => F
  /** More features, from expressions over the others of the same row. */
  readonly derive?: (v: ExpressionRow<ColumnsOf<F>>) => D
  /** Where the row's values stand among those of everybody who has a row at the same T. */
  readonly among?: (v: ExpressionRow<ColumnsOf<F> & DerivedOf<D>>, everybody: Everybody) => A
}

type DescribedEntity<S, E> = S extends AnyViews
  ? [OtherEntity<S, E>] extends [never]
    ? E
    : OtherEntity<S, E>
  : SourceEntity<S, E>
/** Why views are not of an entity; `never` when all are. */
type OtherEntity<S, E> = S extends readonly (infer V)[] ? OtherEntityOf<V, E> : OtherEntityOf<S, E>
type OtherEntityOf<V, E> =
  V extends FeatureView<infer N, infer A, Row>
    ? A extends Everyone
      ? `view '${N}' is a calendar, the same for everybody; take parts of T with f.calendar() instead`
      : E extends A
        ? never
        : `view '${N}' is of entity '${EntityName<A>}', not of entity '${EntityName<E>}'`
    : never
type SourceEntity<S, E> = S extends { readonly kind: infer K extends string; readonly '~entity'?: infer A }
  ? E extends A
    ? E
    : `entity '${EntityName<E>}' is not one that this ${K} describes`
  : E
type FittingPopulation<P, E> =
  P extends Dimension<Row, infer A, boolean>
    ? A extends E
      ? P
      : `this dimension describes entity '${EntityName<A>}', not entity '${EntityName<E>}'`
    : never
type EntityName<E> = E extends Entity<infer N, Row> ? N : string
type EntityKeys<E> = E extends Entity<string, infer K> ? keyof K & string : never

/** The view's name when its parts fit together, and the sentence that says what does not. */
type FittingName<N extends string, S, E, F, D, A, V = Duration> = V extends 'continuous'
  ? S extends EventsSource<Row, AnyEntity>
    ? string extends keyof F | keyof A
      ? N
      : [OffGrid<F> | AmongOthers<A>] extends [never]
        ? OnGrid<N, S, E, F, D, A>
        : `view '${N}': ${OffGrid<F> | AmongOthers<A>}`
    : `view '${N}' is continuous, so it is of a fact, whose events come at any time`
  : OnGrid<N, S, E, F, D, A>
type AmongOthers<A> = [keyof A] extends [never] ? never : Refusals['among']
type OnGrid<N extends string, S, E, F, D, A> = S extends AnySource | AnyViews
  ? E extends Everyone
    ? `view '${N}' reads ${S extends AnySource ? `a ${S['kind']}` : 'other views'}, so it must say which entity it is of`
    : FittingFeatures<N, E, F, D, A, S extends AnyViews ? Valued<unknown> | DefaultedValue<unknown> : never>
  : FittingFeatures<N, E, F, D, A>
/**
 * Says nothing while the names are not known: in dynamic definitions, and in the compiler's first pass over the
 * arguments.
 */
type FittingFeatures<N extends string, E, F, D, A, Also = never> = string extends keyof F | keyof D | keyof A
  ? N
  : [Unfit<F, Also> | Misplaced<F, E> | UnfitStanding<A>] extends [never]
    ? [Clashes<E, F, D, A>] extends [never]
      ? N
      : `view '${N}' would have two columns named '${Clashes<E, F, D, A>}'`
    : `view '${N}': ${Unfit<F, Also> | Misplaced<F, E> | UnfitStanding<A>}`
type Clashes<E, F, D, A> =
  | NameClashes<F>
  | (keyof ColumnsOf<F> & (keyof D | keyof A | EntityKeys<E>))
  | (keyof D & (EntityKeys<E> | keyof A) & string)
  | (keyof A & EntityKeys<E> & string)

type Simplify<T> = { [K in keyof T]: T[K] } & {}

/**
 * Declares a feature view: named features of an entity, at every grid time, from one table.
 * Throws INVALID_DEFINITION, naming view and feature.
 *
 * @example
 * featureView('customer_usage', {
 *   of: customer, from: usage, every: '1d', delay: '6h',
 *   features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),   // kwh_1d, kwh_7d: number
 * })
 */
export function featureView<
  const N extends string,
  F extends FeatureMap,
  S extends AnySource | AnyViews | undefined = undefined,
  E extends AnyEntity = Everyone,
  D extends DerivedMap = EmptyRow,
  P extends AnyDimension = AnyDimension,
  A extends StandingMap = EmptyRow,
  V extends Every = Every,
>(
  name: FittingName<N, S, E, F, D, A, V>,
  spec: FeatureViewSpec<S, E, F, D, P, A, V>,
): FeatureView<
  N,
  E,
  WithDefaults<Simplify<ColumnsOf<F> & DerivedOf<D> & StandingsOf<A>>, DefaultNames<F, D, A>>,
  DefaultNames<F, D, A>
> {
  const place = { view: name }
  return evaluate(place, 'its definition is wrong', () => {
    checkTableName(name, place)
    const source = sourcePlan(spec.from, place)
    const of = entityOf(spec, source, place)
    const [builder, more] = builderArguments(source, of.plan)
    const timing =
      spec.every === 'continuous'
        ? continuousTiming(spec, source, place)
        : planTiming(spec, place, viewsOf(source)?.views)
    const features = planFeatures(
      evaluate(place, 'its features are wrong', () => spec.features(builder as BuilderOf<S, E>, more as MoreOf<S, E>)),
      source,
      timing.grid.zone,
      place,
    )
    checkFeatureNames(features, of.plan, place)
    const { derive } = spec
    const own =
      derive === undefined ? features : [...features, ...planDerived(features, derive, timing.grid.zone, place)]
    checkFeatureNames(own, of.plan, place)
    const { among } = spec
    if (among !== undefined) checkHasEverybody(source, place)
    const given = among === undefined ? own : [...own, ...planStandings(own, among, place)]
    const { features: split, defaults } = splitDefaults(given, source, place)
    const all = spec.every === 'continuous' ? continuousFeatures(split, source, of.plan, place) : split
    checkFeatureNames(all, of.plan, place)
    for (const feature of all) checkVectorName(name, feature.name, { ...place, feature: feature.name })
    checkRenames(all, place)
    checkWindows(all, gridOf(timing), of.plan, place)
    const before = oldViewName(spec.renamedFrom, place)
    const population = populationPlan(spec.population, of.plan, source, place)
    const core = { name, ...before, entity: of.plan, source, ...timing, population, features: all }
    const plan: ViewPlan = freezeDeep({ ...core, hash: viewHash(core) })
    const picked = all.map((feature) => feature.name)
    return viewOf(name as N, of as E, { about: aboutOf(spec), plan, picked, defaults, role: {} })
  })
}

/** Rows that are passed through are read as of each row's own time, so nobody knows whose belong together. */
function checkHasEverybody(source: SourcePlan | null, place: { readonly view: string }): void {
  if (source === null) throw invalid(place, 'it is a calendar, the same for everybody, so nobody stands among others')
  if (sourceKind(source).passedThrough?.(source) === undefined) return
  throw invalid(
    place,
    `its rows come from '${source.table}' as they are, each with a time of its own, so nobody stands among others`,
  )
}

function oldViewName(renamedFrom: string | undefined, place: { readonly view: string }): Pick<ViewPlan, 'renamedFrom'> {
  if (renamedFrom === undefined) return {}
  checkTableName(renamedFrom, place)
  if (renamedFrom === place.view) throw invalid(place, 'it says that it was called by its present name before')
  return { renamedFrom }
}

type ViewParts = Pick<AnyFeatureView, 'about' | 'plan' | 'picked' | 'defaults' | 'role'>

function viewOf<N extends string, E extends AnyEntity, F extends Row, D extends string>(
  name: N,
  of: E,
  parts: ViewParts,
): FeatureView<N, E, F, D> {
  const { plan, picked, role } = parts
  const defaults = Object.freeze(
    Object.fromEntries(Object.entries(parts.defaults).filter(([feature]) => picked.includes(feature))),
  )
  const place = { view: name }
  const view: FeatureView<N, E, F, D> = Object.freeze({
    kind: 'view',
    name,
    of,
    ...parts,
    picked: Object.freeze(picked),
    defaults,
    pick: (...names: readonly string[]) => {
      if (names.length === 0) throw invalid(place, 'pick() names no features')
      checkDistinct(names, 'picked features', place)
      for (const feature of names) {
        if (!picked.includes(feature)) {
          throw invalid({ ...place, feature }, `the view has no such feature to pick; it has ${picked.join(', ')}`)
        }
      }
      return viewOf(name, of, { ...parts, picked: names })
    },
    // The type of `this` says what the view with these defaults, or in this role, is.
    default: ((values: unknown) => {
      const more = givenDefaults({ source: plan.source, features: plan.features, picked }, values, place)
      return viewOf(name, of, { ...parts, defaults: { ...defaults, ...more } })
    }) as unknown as FeatureView<N, E, F, D>['default'],
    as: ((as: string, keys?: unknown) => {
      const next = planRole({ plan, role, of, picked }, as, keys)
      const { entity: asked } = next.via?.view ?? plan
      const entity = keyedBy(of.name, freezeDeep(renamedEntity(asked, next.via?.keys ?? next.keys ?? {})))
      return viewOf(as, entity, { ...parts, defaults, role: next })
    }) as unknown as FeatureView<N, E, F, D>['as'],
    via: ((by: AnyFeatureView | undefined, feature: unknown) => {
      const via = freezeDeep(planVia({ name, plan, role }, by, feature))
      return viewOf(name, by?.of ?? of, { ...parts, defaults, role: { ...role, via } })
    }) as unknown as FeatureView<N, E, F, D>['via'],
  } satisfies FeatureView<N, E, F, D>)
  return view
}
