import type { OnDemandInput, RequestColumn } from '../../plan/on-demand-plan.ts'
import type { AnyFeatureView, FeatureView } from '../feature-view.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct, checkTableName } from '../names.ts'
import type { EmptyRow, Row } from '../sources/columns.ts'
import type { AnyEntity } from '../sources/entity.ts'
import type { RequestValues } from './request.ts'

/** The features of some views as an on-demand feature names them, each null where its entity has none and no default. */
export type InputsOf<V extends readonly AnyFeatureView[]> = Simplify<Joined<V>>
type Joined<V extends readonly unknown[]> = V extends readonly [infer First, ...infer Rest]
  ? InputPart<First> & Joined<Rest>
  : V extends readonly []
    ? EmptyRow
    : Readonly<Record<string, unknown>>
type InputPart<V> =
  V extends FeatureView<infer N, AnyEntity, infer F, infer D>
    ? [D] extends [never]
      ? { readonly [K in keyof F & string as `${N}__${K}`]: F[K] | null }
      : { readonly [K in keyof F & string as `${N}__${K}`]: F[K] | Missing<K, D> }
    : EmptyRow
/** Null, unless the feature is known to have a default. */
type Missing<K, D> = string extends D ? null : K extends D ? never : null
type Simplify<T> = { readonly [K in keyof T]: T[K] } & {}

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
    const key = view.of.plan.keys.find((one) => columns.some((column) => column.name === one.name))
    if (key !== undefined) {
      const at = { ...place, view: view.name }
      throw invalid(at, `the request has a value named like key column '${key.name}'; give the value another name`)
    }
  }
  return { inputs: views.flatMap(inputsOf), columns }
}

function inputsOf({ name, plan, picked, defaults }: AnyFeatureView): readonly OnDemandInput[] {
  const types = new Map(plan.features.map((feature) => [feature.name, feature.type]))
  return picked.map((feature) => {
    const given = defaults[feature]
    return {
      name: `${name}__${feature}`,
      view: name,
      feature,
      type: types.get(feature) ?? 'double',
      ...(given === undefined ? {} : { default: given }),
    }
  })
}
