import { freezeDeep } from '../../plan/canonical-json.ts'
import type { ExpressionsPlan, FunctionPlan, OnDemandInput, OnDemandPlan } from '../../plan/on-demand-plan.ts'
import { onDemandHash } from '../../vocabulary/plan-hash.ts'
import { aboutOf, type About } from '../about.ts'
import { expressionRow, type ExpressionRow } from '../expressions/expression-row.ts'
import { isValued } from '../expressions/operand.ts'
import type { AnyFeatureView, FeatureView } from '../feature-view.ts'
import type { ExpressionMap, DerivedOf } from '../features/derived.ts'
import { someExpression } from '../../vocabulary/algebra/expression-columns.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct } from '../names.ts'
import type { EmptyRow, Row, RowOf, Shape } from '../sources/columns.ts'
import type { Entity } from '../sources/entity.ts'
import { partsOf, type InputsOf } from './inputs.ts'
import {
  functionParts,
  type OnDemandCall,
  type OnDemandFunction,
  type OnDemandFunctionSpec,
} from './on-demand-function.ts'
import type { RequestValues } from './request.ts'
import { checkValueNames } from './value-names.ts'

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
  /** What computes the values of a `function` plan. */
  readonly compute?: OnDemandFunction
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
  ? string extends V[number]['name']
    ? N
    : `on-demand feature '${N}' has the name of a view that it reads`
  : string extends keyof R
    ? N
    : [KeyNames<V[number]> & keyof R & string] extends [never]
      ? N
      : `on-demand feature '${N}': the request has a value named like key column '${KeyNames<V[number]> & keyof R & string}'`
type KeyNames<V> = V extends FeatureView<string, Entity<string, infer K>, Row> ? keyof K & string : never

/**
 * Declares features that are computed when they are asked for, from features of views and values of the request: as
 * expressions, which are plain data, so that SQL computes them for training sets and the process online; or by a
 * function, which the process runs in both places.
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
  D extends ExpressionMap = EmptyRow,
  const S extends Shape = EmptyRow,
>(
  name: FittingOnDemand<N, V, R>,
  spec: OnDemandSpec<V, R, D> | OnDemandFunctionSpec<V, R, S>,
): OnDemand<N, V[number], R, Simplify<DerivedOf<D> & RowOf<S>>> {
  return planned(name, spec) as OnDemand<N, V[number], R, Simplify<DerivedOf<D> & RowOf<S>>>
}

function planned(name: string, spec: AnySpec): AnyOnDemand {
  const place = { 'on-demand feature': name }
  return evaluate(place, 'its definition is wrong', () => {
    const { inputs, columns } = partsOf(name, spec, place)
    const core = { name, inputs, request: columns }
    const { compute } = spec
    if (compute !== undefined) {
      if (spec.derive !== undefined) throw invalid(place, 'it has both derive and compute; use one')
      const computed = { ...core, kind: 'function', ...functionParts(name, spec, place) } as const
      const plan: FunctionPlan = freezeDeep({ ...computed, hash: onDemandHash(computed) })
      return onDemandOf(name, spec, plan, namesOf(plan), compute)
    }
    const computed = { ...core, kind: 'expressions', features: expressions(spec, inputs, place) } as const
    const plan: ExpressionsPlan = freezeDeep({ ...computed, hash: onDemandHash(computed) })
    return onDemandOf(name, spec, plan, namesOf(plan))
  })
}

/** Either of the specs, as far as this file reads it. */
interface AnySpec extends About {
  readonly of: readonly AnyFeatureView[]
  readonly request: RequestValues<Row>
  readonly version?: string
  readonly output?: Shape
  derive?(v: ExpressionRow<Row>, r: ExpressionRow<Row>): unknown
  compute?(call: OnDemandCall): unknown
}

function expressions(
  { request, derive }: AnySpec,
  inputs: readonly OnDemandInput[],
  place: Place & { readonly 'on-demand feature': string },
): ExpressionsPlan['features'] {
  if (typeof derive !== 'function')
    throw invalid(place, 'it needs derive, which returns expressions, or compute with version and output')
  const features = inputs.map((input) => ({ ...input, nullable: input.default === undefined }))
  const derived: unknown = evaluate(place, 'its derive is wrong', () =>
    derive(expressionRow(features, 'feature'), expressionRow(request.columns, 'value of the request')),
  )
  if (typeof derived !== 'object' || derived === null)
    throw invalid(place, 'its derive must return an object of expressions')
  const found = Object.entries(derived).map(([feature, given]: [string, unknown]) => {
    const at = { ...place, feature }
    if (!isValued(given))
      throw invalid(at, 'it must be an expression over features and values of the request, like r.km.mul(2)')
    const { expression } = given.typed
    if (someExpression(expression, ({ kind }) => kind === 'featureTime'))
      throw invalid(at, 'it asks for T, the time of a row of features; features of several views have several')
    if (someExpression(expression, (one) => one.kind === 'dayStart' && one.zone === null))
      throw invalid(at, "it takes the start of a date by no clock; write dayStart(r.due, 'Europe/Berlin')")
    return { name: feature, ...given.typed }
  })
  checkValueNames(
    place['on-demand feature'],
    found.map((feature) => feature.name),
    place,
  )
  return found
}

function namesOf({ features }: OnDemandPlan): readonly string[] {
  return features.map((feature) => feature.name)
}

function onDemandOf<F extends Row>(
  name: string,
  spec: About & { readonly of: readonly AnyFeatureView[] },
  plan: OnDemandPlan,
  picked: readonly string[],
  compute?: OnDemandFunction,
): OnDemand<string, AnyFeatureView, Row, F> {
  return Object.freeze({
    kind: 'on-demand',
    name,
    about: aboutOf(spec),
    plan,
    ...(compute === undefined ? {} : { compute }),
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
      return onDemandOf(name, spec, plan, names, compute)
    },
  } satisfies OnDemand<string, AnyFeatureView, Row, F>)
}
