import { sameType, typeText, type ColumnType } from '@martlet/warehouse'
import type { ViewRead } from '../plan/view-plan.ts'
import type { AnyFeatureView, FeatureView } from './feature-view.ts'
import { invalid, type Place } from './invalid-definition.ts'
import type { Row } from './sources/columns.ts'
import type { AnyEntity, Entity } from './sources/entity.ts'

/** A view whose entity is looked up by another view, so that it is asked for by the entity of that one. */
export type Through<V, P> =
  V extends FeatureView<infer N, AnyEntity, infer F, infer D>
    ? P extends FeatureView<string, infer E, Row>
      ? FeatureView<N, E, F, D>
      : never
    : never

/** The feature, or the features by key column, when they are of the keys' types; otherwise what is wrong. */
export type FittingVia<V, P, C> =
  V extends FeatureView<string, Entity<infer EN, infer K>, Row>
    ? C extends string
      ? IsUnion<keyof K> extends true
        ? `entity '${EN}' has several key columns; name a feature for each, like { key: 'feature' }`
        : FittingFeature<P, C, K[keyof K]>
      : { readonly [X in keyof K]: X extends keyof C ? FittingFeature<P, C[X], K[X]> : string }
    : never
type FittingFeature<P, C, T> =
  P extends FeatureView<infer N, AnyEntity, infer F>
    ? C extends keyof F & string
      ? [Exclude<F[C], null>] extends [T]
        ? C
        : `feature '${C}' of view '${N}' is not of the type of the key`
      : `view '${N}' has no feature '${C & string}'`
    : never
type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never

/** Types of keys that can be looked up: those that online rows give as keys take them. */
const LOOKED_UP: ReadonlySet<ColumnType> = new Set<ColumnType>(['text', 'integer', 'bigint', 'boolean'])

/** Where the entity of a view is looked up; throws INVALID_DEFINITION. */
export function planVia(
  { name, plan, role }: Pick<AnyFeatureView, 'name' | 'plan' | 'role'>,
  by: AnyFeatureView | undefined,
  given: unknown,
): ViewRead {
  const place = { view: name }
  if (by?.kind !== 'view') throw invalid(place, "via() takes a view and a feature of it, like via(profile, 'region')")
  if (role.via !== undefined) throw invalid(place, `its entity is already looked up by view '${role.via.view.name}'`)
  if (role.keys !== undefined)
    throw invalid(place, 'its keys have other names in this role, but looked up they have none; use via() on the view')
  if (by.role.via !== undefined)
    throw invalid(place, `view '${by.name}' is itself looked up; an entity is looked up in one step`)
  const { keys } = plan.entity
  if (keys.length === 0) throw invalid(place, 'it is a calendar, the same for everybody, so there is nobody to look up')
  const features = keys.map((key) => viaFeature(by, key, featureName(plan.entity, key.name, given, place), place))
  const defaults = Object.fromEntries(Object.entries(by.defaults).filter(([feature]) => features.includes(feature)))
  return {
    view: by.plan,
    ...by.role,
    features,
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
  }
}

function featureName(entity: AnyEntity['plan'], key: string, given: unknown, place: Place): string {
  if (typeof given === 'string') {
    if (entity.keys.length === 1) return given
    const names = entity.keys.map(({ name }) => name).join(', ')
    throw invalid(place, `entity '${entity.name}' has several key columns (${names}); name a feature for each`)
  }
  const found: unknown = typeof given === 'object' && given !== null ? Reflect.get(given, key) : undefined
  if (typeof found === 'string') return found
  throw invalid({ ...place, column: key }, 'via() names no feature that has this key')
}

function viaFeature(
  by: AnyFeatureView,
  key: { readonly name: string; readonly type: ColumnType },
  name: string,
  place: Place,
): string {
  const at = { ...place, column: key.name }
  const feature = by.plan.features.find((one) => one.name === name)
  if (feature === undefined || !by.picked.includes(name))
    throw invalid(at, `view '${by.name}' has no feature '${name}'; it has ${by.picked.join(', ')}`)
  if (!sameType(feature.type, key.type)) {
    const [is, wanted] = [typeText(feature.type), typeText(key.type)]
    throw invalid(at, `feature '${name}' of view '${by.name}' is ${is}, and the key is ${wanted}`)
  }
  if (!LOOKED_UP.has(key.type))
    throw invalid(at, `a key of type ${typeText(key.type)} cannot be looked up; texts, whole numbers and booleans can`)
  return name
}
