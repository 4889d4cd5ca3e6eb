import { typeText } from '@martlet/warehouse'
import { freezeDeep } from '../plan/canonical-json.ts'
import { serviceHash } from '../vocabulary/plan-hash.ts'
import type { ServicePlan } from '../plan/view-plan.ts'
import { aboutOf, type About } from './about.ts'
import type { Row } from './sources/columns.ts'
import type { AnyEntity, Entity } from './sources/entity.ts'
import type { AnyFeatureView, FeatureView } from './feature-view.ts'
import { evaluate, invalid, type Place } from './invalid-definition.ts'
import { checkTableName } from './names.ts'

/** Some features of some views, in order: what a model reads. */
export interface FeatureService<N extends string, V extends AnyFeatureView> {
  readonly kind: 'service'
  readonly name: N
  readonly about: About
  readonly plan: ServicePlan
  readonly '~views'?: V
}

export type AnyFeatureService = FeatureService<string, AnyFeatureView>

/** The vector of a service: `view__feature` and the type of its values, for an entity that was found. */
export type VectorOf<S> =
  S extends FeatureService<string, infer V> ? Simplify<UnionToIntersection<VectorPart<V>>> : never

/** The key columns that a vector of a service is asked with. */
export type EntityKeyOf<S> =
  S extends FeatureService<string, infer V> ? Simplify<UnionToIntersection<KeyPart<V>>> : never

type VectorPart<V> =
  V extends FeatureView<infer N, AnyEntity, infer F>
    ? { readonly [K in keyof F & string as `${N}__${K}`]: F[K] }
    : never
type KeyPart<V> = V extends FeatureView<string, Entity<string, infer K>, Row> ? K : never
type UnionToIntersection<U> = (U extends unknown ? (part: U) => void : never) extends (part: infer I) => void
  ? I
  : never
type Simplify<T> = { readonly [K in keyof T]: T[K] } & {}

/**
 * Declares a feature service: the vector that a model reads, views in order, their features in order.
 *
 * @example featureService('next_day', [customerUsage, customerProfile.pick('tariff'), calendar])
 */
export function featureService<const N extends string, const V extends readonly AnyFeatureView[]>(
  name: N,
  views: V,
  about: About = {},
): FeatureService<N, V[number]> {
  const place = { service: name }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(name, views, place)))
  return Object.freeze({ kind: 'service', name, about: aboutOf(about), plan })
}

function planOf(name: string, views: readonly AnyFeatureView[], place: Place): ServicePlan {
  checkTableName(name, place)
  checkViews(views, place)
  const core = { name, views: views.map((view) => ({ view: view.plan, features: view.picked })) }
  return { ...core, hash: serviceHash(core) }
}

function checkViews(views: readonly AnyFeatureView[], place: Place): void {
  if (!Array.isArray(views) || views.length === 0) throw invalid(place, 'it has no views')
  const seen = new Set<string>()
  const keys = new Map<string, { readonly type: string; readonly entity: string }>()
  for (const view of views) {
    if (view?.kind !== 'view') throw invalid(place, 'its views must be feature views')
    if (seen.has(view.name))
      throw invalid({ ...place, view: view.name }, 'the service has two views of this name; pick features once')
    seen.add(view.name)
    for (const key of view.plan.entity.keys) {
      const type = typeText(key.type)
      const other = keys.get(key.name)
      if (other !== undefined && other.type !== type) {
        const at = { ...place, view: view.name }
        throw invalid(at, `key column '${key.name}' is ${type} here and ${other.type} in entity '${other.entity}'`)
      }
      keys.set(key.name, { type, entity: view.plan.entity.name })
    }
  }
}
