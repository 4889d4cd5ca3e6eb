import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { Defaults, KeptValue } from '../../plan/kept-value.ts'
import type { SourcePlan } from '../../plan/source-plan.ts'
import { givenValue, givenWords } from '../../vocabulary/algebra/default-value.ts'
import { kept } from '../../vocabulary/algebra/kept-value.ts'
import { featureKind } from '../../vocabulary/features/list.ts'
import { invalid, type Place } from '../invalid-definition.ts'

/** The default when it fits values of type V, and otherwise the sentence that says what would. */
export type FittingDefault<V, G> =
  G extends Exclude<V, null | undefined>
    ? G
    : G extends null | undefined
      ? 'a default stands for null, so it is not null itself'
      : [Exclude<V, null | undefined>] extends [number]
        ? 'this feature is a number, so its default is a number'
        : [Exclude<V, null | undefined>] extends [boolean]
          ? 'this feature is a boolean, so its default is a boolean'
          : [Exclude<V, null | undefined>] extends [Date]
            ? 'this feature is an instant, so its default is a Date'
            : G extends string
              ? `'${G}' is not one of the values that this feature has`
              : 'this feature is a text, so its default is a text'

/** Features that can be given a default. The method says of `this` what it needs, so that values stay covariant. */
export interface DefaultWord {
  /**
   * What is served where a value is missing, for whatever reason; the status still says the reason. The view's rows, and
   * so `derive` and `among`, keep the null.
   */
  default<F, const G>(this: F, value: FittingDefault<ValueIn<F>, G>): DefaultedOf<F>
}

/** Derived features and standings that can be given a default. */
export interface DefaultValueWord {
  /** What is served where a feature of `derive` or `among` is missing; the view's rows keep the null. */
  default<F, const G>(this: F, value: FittingDefault<ValueIn<F>, G>): DefaultedValue<ValueIn<F>>
}

type ValueIn<F> = F extends { readonly '~value'?: infer V } ? V : never
type SuffixIn<F> = F extends { readonly '~suffix'?: infer S extends string } ? S : never
type DefaultedOf<F> = F extends { readonly '~anchored': infer A } ? OnGrid<F> & { readonly '~anchored': A } : OnGrid<F>
type OnGrid<F> = '~grid' extends keyof F
  ? Defaulted<ValueIn<F>, SuffixIn<F>> & { readonly '~grid'?: true }
  : Defaulted<ValueIn<F>, SuffixIn<F>>

/** Features with a default: what is served where a value of theirs is missing. The view's rows keep their nulls. */
export interface Defaulted<V, Suffix extends string> {
  readonly '~value'?: V
  readonly '~suffix'?: Suffix
  readonly '~defaulted': true
  plans(key: string, place: Place): readonly FeaturePlan[]
}

/** A derived feature or a standing with a default. It has no methods: expressions over it would not see the default. */
export interface DefaultedValue<V> {
  readonly '~value'?: V
  readonly '~defaulted': true
  readonly of: unknown
  readonly default: unknown
}

/** What is not planned yet: a feature, and the default that was given for it. */
interface WithDefault extends FeaturePlan {
  readonly '~default': unknown
}

/** The word of features. */
export const defaultable: DefaultWord = {
  default<F>(this: F, given: unknown) {
    if (!isPlanned(this)) throw new TypeError('default() is a word of a feature')
    const { plans } = this
    const made = {
      // Keeps what features of some kinds are asked for, such as the events that they are counted from.
      ...this,
      '~defaulted': true,
      plans: (key: string, place: Place) =>
        plans(key, place).map((feature): WithDefault => ({ ...feature, '~default': given })),
    }
    // The compiler does not see what a type that depends on F is.
    return Object.freeze(made) as unknown as DefaultedOf<F>
  },
}

/** The word of derived features and of standings. */
export const defaultableValue: DefaultValueWord = {
  default(given) {
    return Object.freeze({ '~defaulted': true, of: this, default: given })
  },
}

function isPlanned(given: unknown): given is Pick<Defaulted<unknown, string>, 'plans'> {
  return typeof given === 'object' && given !== null && 'plans' in given
}

export function isDefaultedValue(given: unknown): given is DefaultedValue<unknown> {
  return typeof given === 'object' && given !== null && '~defaulted' in given && 'of' in given
}

/** The derived feature or the standing itself, and what gives its plan the default. */
export function undefaulted(given: unknown): {
  readonly of: unknown
  readonly mark: (feature: FeaturePlan) => FeaturePlan
} {
  if (!isDefaultedValue(given)) return { of: given, mark: (feature) => feature }
  return { of: given.of, mark: (feature): WithDefault => ({ ...feature, '~default': given.default }) }
}

/** Features without their defaults, and those defaults. */
export function splitDefaults(
  features: readonly FeaturePlan[],
  source: SourcePlan | null,
  place: Place,
): { readonly features: readonly FeaturePlan[]; readonly defaults: Defaults } {
  const given = new Map<string, unknown>()
  const plain = features.map((feature): FeaturePlan => {
    if (!hasDefault(feature)) return feature
    const { '~default': value, ...rest } = feature
    given.set(feature.name, value)
    return rest
  })
  const of = { features: plain, source }
  return {
    features: plain,
    defaults: Object.fromEntries([...given].map(([name, value]) => [name, checkedDefault(of, name, value, place)])),
  }
}

function hasDefault(feature: FeaturePlan): feature is WithDefault {
  return '~default' in feature
}

/** The defaults that a user gives to picked features of a view, by name; throws INVALID_DEFINITION. */
export function givenDefaults(
  view: Defined & { readonly picked: readonly string[] },
  values: unknown,
  place: Place,
): Defaults {
  const entries = typeof values === 'object' && values !== null ? Object.entries(values) : []
  if (entries.length === 0) throw invalid(place, 'default() takes values by the names of features, like { kwh_7d: 0 }')
  return Object.fromEntries(
    entries.map(([name, value]: [string, unknown]) => {
      if (view.picked.includes(name)) return [name, checkedDefault(view, name, value, place)]
      const names = view.picked.join(', ')
      throw invalid({ ...place, feature: name }, `there is no such feature to give a default to; there are ${names}`)
    }),
  )
}

interface Defined {
  readonly features: readonly FeaturePlan[]
  readonly source: SourcePlan | null
}

/** The default of a feature of a view as plans have it; throws INVALID_DEFINITION when it is not a value of it. */
function checkedDefault(view: Defined, name: string, given: unknown, place: Place): KeptValue {
  const at = { ...place, feature: name }
  const feature = view.features.find((one) => one.name === name)
  if (feature === undefined) throw invalid(at, 'the view has no such feature')
  if (given === null || given === undefined) throw invalid(at, 'a default stands for null, so it is not null itself')
  const value = givenValue(feature.type, given)
  if (value === undefined)
    throw invalid(at, `its default must be ${givenWords(feature.type)}, and ${shown(given)} is not`)
  const members = membersOf(view, feature)
  if (typeof value === 'string' && members !== undefined && !members.includes(value))
    throw invalid(at, `its default '${value}' is not one of its values, which are ${members.join(', ')}`)
  return kept(value)
}

function shown(given: unknown): string {
  if (typeof given === 'string') return `'${given}'`
  return given instanceof Date ? 'this Date' : String(given)
}

/** The only values that a text can have, where the definition says them. */
function membersOf({ features, source }: Defined, feature: FeaturePlan): readonly string[] | undefined {
  if (feature.type !== 'text') return undefined
  return featureKind(feature).texts?.(feature, (reading) => {
    if (reading.of === 'row') {
      const other = features.find((one) => one.name === reading.feature)
      return other === undefined ? undefined : membersOf({ features, source }, other)
    }
    const columns = (reading.of === 'table' ? reading.table : source)?.columns ?? []
    const checks = columns.find((column) => column.name === reading.column)?.checks ?? []
    return checks.find((check) => check.kind === 'enum')?.values
  })
}
