import { freezeDeep } from '../../plan/canonical-json.ts'
import type { ExpressionsPlan, OnDemandInput, OnDemandPlan, RequestColumn } from '../../plan/on-demand-plan.ts'
import { onDemandHash } from '../../vocabulary/plan-hash.ts'
import { aboutOf, type About } from '../about.ts'
import type { ExpressionRow } from '../expressions/expression-row.ts'
import { expressionRow } from '../expressions/expression-row.ts'
import { isValued } from '../expressions/operand.ts'
import type { AnyFeatureView, FeatureView } from '../feature-view.ts'
import type { DerivedMap, DerivedOf } from '../features/derived.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct, checkName, checkNotReserved, checkTableName, checkVectorName } from '../names.ts'
import type { EmptyRow, Row } from '../sources/columns.ts'
import type { AnyEntity, Entity } from '../sources/entity.ts'
import type { RequestValues } from './request.ts'

/**
 * Values that are computed when they are asked for, from features of views and from what the request brings. `V` are
 * the views that are read, `R` the values of a request, `F` the values that are computed.
 */
export interface OnDemand<N extends string, V extends AnyFeatureView, R extends Row, F extends Row> {
  readonly kind: 'on-demand'
  readonly name: N
  readonly about: About
  /** All of its values, whatever is picked. */
  readonly plan: OnDemandPlan
  /** The views that it reads. */
  readonly of: readonly V[]
  /** The values that services of it have: all, unless picked. */
  readonly picked: readonly string[]
  readonly '~features'?: F
  readonly '~request'?: R
  /** The same with only these values, in this order, for a service. */
  pick<const K extends readonly [keyof F & string, ...(keyof F & string)[]]>(
    ...names: K
  ): OnDemand<N, V, R, Pick<F, K[number]>>
}

export type AnyOnDemand = OnDemand<string, AnyFeatureView, Row, Row>

/** The features of some views as an on-demand feature names them, each null where its entity has none. */
export type InputsOf<V extends readonly AnyFeatureView[]> = Simplify<Joined<V>>
type Joined<V extends readonly unknown[]> = V extends readonly [infer First, ...infer Rest]
  ? InputPart<First> & Joined<Rest>
  : V extends readonly []
    ? EmptyRow
    : Readonly<Record<string, unknown>>
type InputPart<V> =
  V extends FeatureView<infer N, AnyEntity, infer F>
    ? { readonly [K in keyof F & string as `${N}__${K}`]: F[K] | null }
    : EmptyRow
type Simplify<T> = { readonly [K in keyof T]: T[K] } & {}

export interface OnDemandSpec<V extends readonly AnyFeatureView[], R extends Row, D> extends About {
  /** The views whose features it reads, with `pick` only some of them. */
  readonly of: V
  /** The values that a request brings. */
  readonly request: RequestValues<R>
  /** Expressions over features (`v.view__feature`) and over values of the request (`r.km`). */
  readonly derive: (v: ExpressionRow<InputsOf<V>>, r: ExpressionRow<R>) => D
}

/** The name, when nothing of the views or the request has the same; otherwise the sentence that says what has. */
export type FittingOnDemand<N extends string, V extends readonly AnyFeatureView[], R> = N extends V[number]['name']
  ? `on-demand feature '${N}' has the name of a view that it reads`
  : [KeyNames<V[number]> & keyof R & string] extends [never]
    ? N
    : string extends keyof R
      ? N
      : `on-demand feature '${N}': the request has a value named like key column '${KeyNames<V[number]> & keyof R & string}'`
type KeyNames<V> = V extends FeatureView<string, Entity<string, infer K>, Row> ? keyof K & string : never

/**
 * Declares features that are computed when they are asked for, from features of views and values of the request. They
 * are plain data: SQL computes them for training sets, and the process computes them online.
 * Throws INVALID_DEFINITION, naming feature and value.
 *
 * @example
 * onDemand('fare', {
 *   of: [zoneSpeed], request: request({ km: z.number() }),
 *   derive: (v, r) => ({ minutes: r.km.div(v.zone_speed__kmh).mul(60) }),   // fare__minutes: number | null
 * })
 */
export function onDemand<
  const N extends string,
  const V extends readonly AnyFeatureView[],
  R extends Row,
  D extends DerivedMap,
>(name: FittingOnDemand<N, V, R>, spec: OnDemandSpec<V, R, D>): OnDemand<N, V[number], R, Simplify<DerivedOf<D>>> {
  const place = { 'on-demand feature': name }
  const plan: ExpressionsPlan = evaluate(place, 'its definition is wrong', () => {
    const { inputs, columns } = partsOf(name, spec, place)
    const core = {
      kind: 'expressions',
      name,
      inputs,
      request: columns,
      features: expressions(spec, inputs, place),
    } as const
    return freezeDeep({ ...core, hash: onDemandHash(core) })
  })
  return onDemandOf<N, V[number], R, Simplify<DerivedOf<D>>>(name as N, spec, plan, namesOf(plan))
}

interface Parts {
  readonly inputs: readonly OnDemandInput[]
  readonly columns: readonly RequestColumn[]
}

/** What an on-demand feature reads, checked. */
export function partsOf(
  name: string,
  { of, request }: { readonly of: readonly AnyFeatureView[]; readonly request: RequestValues<Row> },
  place: Place,
): Parts {
  checkTableName(name, place)
  if (!Array.isArray(of))
    throw invalid(place, 'of must be a list of feature views; use [] for values of the request only')
  if (request?.kind !== 'request') throw invalid(place, 'request must be what request({ … }) returns')
  const views: readonly AnyFeatureView[] = of
  for (const view of views) {
    if (view?.kind !== 'view') throw invalid(place, 'it can read feature views only')
    if (view.name === name) throw invalid(place, 'it has the name of a view that it reads')
  }
  checkDistinct(
    views.map((view) => view.name),
    'views',
    place,
  )
  const { columns } = request
  for (const view of views) {
    const key = view.plan.entity.keys.find((one) => columns.some((column) => column.name === one.name))
    if (key !== undefined) {
      const at = { ...place, view: view.name }
      throw invalid(at, `the request has a value named like key column '${key.name}'; give the value another name`)
    }
  }
  return { inputs: views.flatMap(inputsOf), columns }
}

function inputsOf({ plan, picked }: AnyFeatureView): readonly OnDemandInput[] {
  const types = new Map(plan.features.map((feature) => [feature.name, feature.type]))
  return picked.map((feature) => ({
    name: `${plan.name}__${feature}`,
    view: plan.name,
    feature,
    type: types.get(feature) ?? 'double',
  }))
}

function expressions<V extends readonly AnyFeatureView[], R extends Row, D>(
  { request, derive }: OnDemandSpec<V, R, D>,
  inputs: readonly OnDemandInput[],
  place: Place,
): ExpressionsPlan['features'] {
  if (typeof derive !== 'function') throw invalid(place, 'it needs derive, a function of features and request')
  const features = inputs.map((input) => ({ ...input, nullable: true }))
  const derived: unknown = evaluate(place, 'its derive is wrong', () =>
    derive(expressionRow<InputsOf<V>>(features, 'feature'), expressionRow<R>(request.columns, 'value of the request')),
  )
  if (typeof derived !== 'object' || derived === null)
    throw invalid(place, 'its derive must return an object of expressions')
  const found = Object.entries(derived).map(([feature, given]: [string, unknown]) => {
    const at = { ...place, feature }
    if (!isValued(given))
      throw invalid(at, 'it must be an expression over features and values of the request, like r.km.mul(2)')
    return { name: feature, ...given.typed }
  })
  checkValueNames(
    place['on-demand feature'] ?? '',
    found.map((feature) => feature.name),
    place,
  )
  return found
}

/** Refuses names of values that no column of a training set could have. */
export function checkValueNames(name: string, values: readonly string[], place: Place): void {
  if (values.length === 0) throw invalid(place, 'it computes nothing')
  for (const value of values) {
    const at = { ...place, feature: value }
    checkName(value, 'the name', at)
    checkNotReserved(value, 'the name', at)
    checkVectorName(name, value, at)
  }
  checkDistinct(values, 'features', place)
}

export function namesOf({ features }: OnDemandPlan): readonly string[] {
  return features.map((feature) => feature.name)
}

/** What `onDemand` returns. */
export function onDemandOf<N extends string, V extends AnyFeatureView, R extends Row, F extends Row>(
  name: N,
  spec: About & { readonly of: readonly V[] },
  plan: OnDemandPlan,
  picked: readonly string[],
): OnDemand<N, V, R, F> {
  return Object.freeze({
    kind: 'on-demand',
    name,
    about: aboutOf(spec),
    plan,
    of: Object.freeze([...spec.of]),
    picked: Object.freeze(picked),
    pick: (...names: readonly string[]) => {
      const place = { 'on-demand feature': name }
      if (names.length === 0) throw invalid(place, 'pick() names no features')
      checkDistinct(names, 'picked features', place)
      for (const feature of names) {
        if (!picked.includes(feature))
          throw invalid({ ...place, feature }, `there is no such feature to pick; there are ${picked.join(', ')}`)
      }
      return onDemandOf(name, spec, plan, names)
    },
  } satisfies OnDemand<N, V, R, F>)
}
