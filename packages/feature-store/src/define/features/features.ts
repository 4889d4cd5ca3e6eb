import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { Place } from '../invalid-definition.ts'
import { defaultable, type DefaultWord } from './default-value.ts'
import type { Outcome } from './outcome.ts'

/**
 * The columns that one key of a view adds: the key followed by each suffix. Values are of type V.
 * `kwh: f.sum('kwh').over('1d', '7d')` adds `kwh_1d` and `kwh_7d`; the suffix of a single-column feature is empty.
 */
export interface Features<V, Suffix extends string> {
  readonly '~value'?: V
  readonly '~suffix'?: Suffix
  /** The plans of these columns under `key`; throws INVALID_DEFINITION at `place`. */
  plans(key: string, place: Place): readonly FeaturePlan[]
}

/** Features that can be given a default. */
export interface Defaultable<V, Suffix extends string> extends Features<V, Suffix>, DefaultWord {}

/** Features that a continuous view cannot have. */
export interface Gridded<V, Suffix extends string> extends Defaultable<V, Suffix> {
  readonly '~grid'?: true
}

/** What makes the columns of one key. */
export type Planned = Pick<Features<unknown, string>, 'plans'>

/** What `features` of a view returns: `Features` by key, which `Unfit` checks so that a mistake reads as a sentence. */
export type FeatureMap = Readonly<Record<string, unknown>>

/**
 * Why a member of a feature map is no feature; `never` when all are. `Also` is what else may stand there: expressions
 * over the features of other views.
 */
export type Unfit<F, Also = never> = {
  [K in keyof F & string]: F[K] extends Planned | Also ? never : WhyUnfit<K, F[K]>
}[keyof F & string]

/** Why a member of a feature map cannot be counted for an entity; `never` when all can. */
export type Misplaced<F, E> = {
  [K in keyof F & string]: F[K] extends { readonly '~anchored': { readonly '~entity'?: infer A } | undefined }
    ? E extends A
      ? never
      : `feature '${K}' is counted from events that do not describe its entity`
    : never
}[keyof F & string]
/** Why a member of a feature map cannot be in a continuous view; `never` when all can. */
export type OffGrid<F> = {
  [K in keyof F & string]: '~grid' extends keyof F[K]
    ? `feature '${K}' cannot be continuous, which .over('1h') and .lifetime() can; use a view with a grid`
    : never
}[keyof F & string]

type WhyUnfit<K extends string, F> = F extends { readonly measure: unknown }
  ? `feature '${K}' is an aggregate without a window; add .over('7d'), .overLast(10) or .lifetime()`
  : F extends Outcome<unknown, unknown>
    ? `feature '${K}' looks ahead of t, so it is a label`
    : `feature '${K}' is not a feature`

// An expression is one column.
type SuffixOf<F> = F extends { readonly typed: unknown } | { readonly of: unknown }
  ? ''
  : F extends { readonly '~suffix'?: infer S extends string }
    ? S
    : never
type ValueIn<F> = F extends { readonly '~value'?: infer V } ? V : never

/** The columns of a feature map, each with the type of its values. */
export type ColumnsOf<F> = { readonly [K in keyof F & string as `${K}${SuffixOf<F[K]>}`]: ValueIn<F[K]> }

/** The names that more than one key of a feature map would give. */
export type NameClashes<F> = Shared<{ [K in keyof F & string as `${K}${SuffixOf<F[K]>}`]: K }>
type Shared<Owners> = { [N in keyof Owners & string]: IsUnion<Owners[N]> extends true ? N : never }[keyof Owners &
  string]
type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never

/** The names of the columns of a feature map that have a default. */
export type DefaultedIn<F> = {
  [K in keyof F & string]: F[K] extends { readonly '~defaulted': true } ? `${K}${SuffixOf<F[K]>}` : never
}[keyof F & string]

/** What features give, apart from their types. */
export type Plans = Defaultable<never, never>

/** Features that can be given a default. */
export function featuresOf(plans: Planned['plans']): Plans {
  return { plans, ...defaultable }
}

export function isFeatures(given: unknown): given is Planned {
  return typeof given === 'object' && given !== null && 'plans' in given
}

/** A feature of exactly one column, named by its key. */
export function single<V>(plan: (name: string, place: Place) => FeaturePlan): Defaultable<V, ''> {
  return Object.freeze(featuresOf((key, place) => [plan(key, place)]))
}
