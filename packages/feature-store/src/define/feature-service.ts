import { isDeepStrictEqual } from 'node:util'
import { typeText } from '@martlet/warehouse'
import { freezeDeep } from '../plan/canonical-json.ts'
import { entityIn, nameIn, vectorFields, type ServicePlan, type ServiceView } from '../plan/view-plan.ts'
import type { OnDemandPlan } from '../plan/on-demand-plan.ts'
import type { KeptValue } from '../plan/kept-value.ts'
import { defaultText } from '../vocabulary/algebra/default-value.ts'
import { onDemandHash, serviceHash } from '../vocabulary/plan-hash.ts'
import { aboutOf, type About } from './about.ts'
import type { AnyFeatureView, FeatureView } from './feature-view.ts'
import { evaluate, invalid, type Place } from './invalid-definition.ts'
import { checkMissingName, checkTableName } from './names.ts'
import type { AnyOnDemand, OnDemand } from './on-demand/on-demand.ts'
import type { Row } from './sources/columns.ts'
import type { AnyEntity, Entity } from './sources/entity.ts'

/** What a service can be made of. */
export type ServicePart = AnyFeatureView | AnyOnDemand

/** Some features of some views, and some that are computed on demand, in order: what a model reads. */
export interface FeatureService<N extends string, V extends ServicePart> {
  readonly kind: 'service'
  readonly name: N
  readonly about: About
  readonly plan: ServicePlan
  /** What is computed on demand. */
  readonly onDemand: readonly AnyOnDemand[]
  readonly '~views'?: V
}

export type AnyFeatureService = FeatureService<string, ServicePart>

/** The vector of a service: `view__feature` and the type of its values, for an entity that was found. */
export type VectorOf<S> =
  S extends FeatureService<string, infer V> ? Simplify<UnionToIntersection<VectorPart<V>>> : never

/** The key columns that a vector of a service is asked with. */
export type EntityKeyOf<S> =
  S extends FeatureService<string, infer V> ? Simplify<UnionToIntersection<KeyPart<V>>> : never

/** The values that a request of a service brings; what may be missing may be left out. */
export type RequestOf<S> =
  S extends FeatureService<string, infer V> ? Simplify<UnionToIntersection<RequestPart<V>>> : never

/** The fields of a service's vector that have a default, so that they are never null. */
export type DefaultedFieldsOf<S> = S extends FeatureService<string, infer V> ? DefaultedPart<V> : never

type DefaultedPart<V> =
  V extends FeatureView<infer N, AnyEntity, Row, infer D> ? (string extends D ? never : `${N}__${D}`) : never
type VectorPart<V> =
  V extends FeatureView<infer N, AnyEntity, infer F>
    ? { readonly [K in keyof F & string as `${N}__${K}`]: F[K] }
    : V extends OnDemand<infer N, AnyFeatureView, Row, infer F>
      ? { readonly [K in keyof F & string as `${N}__${K}`]: F[K] }
      : never
type KeyPart<V> =
  V extends FeatureView<string, Entity<string, infer K>, Row>
    ? K
    : V extends OnDemand<string, infer W, Row, Row>
      ? KeyPart<W>
      : never
type RequestPart<V> =
  V extends OnDemand<string, AnyFeatureView, infer R, Row>
    ? { readonly [K in keyof R as IsMissing<R[K]> extends true ? never : K]: R[K] } & {
        readonly [K in keyof R as IsMissing<R[K]> extends true ? K : never]?: R[K] | null
      }
    : never
type IsMissing<T> = undefined extends T ? true : null extends T ? true : false
type UnionToIntersection<U> = (U extends unknown ? (part: U) => void : never) extends (part: infer I) => void
  ? I
  : never
type Simplify<T> = { readonly [K in keyof T]: T[K] } & {}

/**
 * Declares a feature service: the vector that a model reads, views and on-demand features in order, their features in
 * order.
 *
 * @example featureService('next_day', [customerUsage, customerProfile.pick('tariff'), calendar])
 */
export function featureService<const N extends string, const V extends readonly ServicePart[]>(
  name: N,
  parts: V,
  about: About = {},
): FeatureService<N, V[number]> {
  const place = { service: name }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(name, parts, place)))
  const onDemand = Object.freeze(parts.filter((part): part is V[number] & AnyOnDemand => part.kind === 'on-demand'))
  return Object.freeze({ kind: 'service', name, about: aboutOf(about), plan, onDemand })
}

function planOf(name: string, parts: readonly ServicePart[], place: Place): ServicePlan {
  checkTableName(name, place)
  checkParts(parts, place)
  const views = viewsOf(parts, place)
  const onDemand = parts.flatMap((part) =>
    part.kind === 'on-demand'
      ? [
          {
            plan: withDefaultsOf(views, part.plan, { ...place, 'on-demand feature': part.name }),
            features: part.picked,
          },
        ]
      : [],
  )
  checkKeys(views, place)
  if (onDemand.length === 0) {
    const core = { name, views }
    return { ...core, hash: serviceHash(core) }
  }
  checkRequest({ views, onDemand }, place)
  const given = parts.flatMap((part) => part.picked.map((feature) => `${part.name}__${feature}`))
  const natural = vectorFields({ name, views, onDemand, hash: '' })
  const order = natural.every((field, i) => field.name === given[i]) ? {} : { order: given }
  const core = { name, views, onDemand, ...order }
  return { ...core, hash: serviceHash(core) }
}

function checkParts(parts: readonly ServicePart[], place: Place): void {
  if (!Array.isArray(parts) || parts.length === 0) throw invalid(place, 'it has no views')
  const seen = new Map<string, ServicePart['kind']>()
  for (const part of parts as readonly ServicePart[]) {
    if (part?.kind !== 'view' && part?.kind !== 'on-demand')
      throw invalid(place, 'its views must be feature views or on-demand features')
    if (part.kind === 'view')
      for (const feature of Object.keys(part.defaults))
        checkMissingName(part.name, feature, { ...place, view: part.name, feature })
    const at = { ...place, [part.kind === 'view' ? 'view' : 'on-demand feature']: part.name }
    const other = seen.get(part.name)
    if (other !== undefined && other !== part.kind)
      throw invalid(at, 'the service has a view and an on-demand feature of this name; rename one')
    if (other !== undefined) {
      const what = part.kind === 'view' ? 'views' : 'on-demand features'
      const more = part.kind === 'view' ? ', or give one of them a role with as()' : ''
      throw invalid(at, `the service has two ${what} of this name; pick features once${more}`)
    }
    seen.set(part.name, part.kind)
  }
}

/** The views of the service, then those that only on-demand features read. */
function viewsOf(parts: readonly ServicePart[], place: Place): readonly ServiceView[] {
  const found = new Map<
    string,
    { readonly part: AnyFeatureView; readonly served: boolean; readonly inputs: Set<string> }
  >()
  for (const part of parts) if (part.kind === 'view') found.set(part.name, { part, served: true, inputs: new Set() })
  for (const part of parts) {
    if (part.kind === 'view') continue
    for (const view of part.of) {
      const known = found.get(view.name) ?? { part: view, served: false, inputs: new Set<string>() }
      if (known.part.plan.hash !== view.plan.hash || !isDeepStrictEqual(known.part.role, view.role)) {
        const at = { ...place, view: view.name }
        throw invalid(at, `on-demand feature '${part.name}' reads another view of this name; rename one of them`)
      }
      for (const feature of view.picked)
        if (!known.served || !known.part.picked.includes(feature)) known.inputs.add(feature)
      found.set(view.name, known)
    }
  }
  return [...found.values()].map(({ part: { plan: view, role, picked, defaults }, served, inputs }) => ({
    view,
    ...role,
    features: served ? picked : [],
    ...(inputs.size === 0 ? {} : { inputs: [...inputs] }),
    ...(!served || Object.keys(defaults).length === 0 ? {} : { defaults }),
  }))
}

/**
 * What is computed on demand, with the defaults of the service among those of what it reads. They belong to its hash, so
 * that a model that was trained on it notices another one.
 */
function withDefaultsOf(views: readonly ServiceView[], plan: OnDemandPlan, place: Place): OnDemandPlan {
  const given = new Map(
    views.flatMap((read) =>
      Object.entries(read.defaults ?? {}).map(([feature, value]): [string, KeptValue] => [
        `${nameIn(read)}__${feature}`,
        value,
      ]),
    ),
  )
  const inputs = plan.inputs.map((input) => {
    const value = given.get(input.name)
    if (value === undefined || value === input.default) return input
    if (input.default === undefined) return { ...input, default: value }
    const [own, its] = [defaultText(input.default, input.type), defaultText(value, input.type)]
    throw invalid(place, `it reads ${input.name} with the default ${own}, and the service has it with ${its}; use one`)
  })
  if (inputs.every((input, i) => input === plan.inputs[i])) return plan
  const core = { ...plan, inputs }
  return { ...core, hash: onDemandHash(core) }
}

function checkKeys(views: readonly ServiceView[], place: Place): void {
  const keys = new Map<string, { readonly type: string; readonly entity: string }>()
  for (const read of views) {
    const entity = entityIn(read)
    for (const key of entity.keys) {
      const type = typeText(key.type)
      const other = keys.get(key.name)
      if (other !== undefined && other.type !== type) {
        const at = { ...place, view: nameIn(read) }
        throw invalid(at, `key column '${key.name}' is ${type} here and ${other.type} in entity '${other.entity}'`)
      }
      keys.set(key.name, { type, entity: entity.name })
    }
  }
}

/** Refuses values of requests that are two things at once. */
function checkRequest({ views, onDemand = [] }: Pick<ServicePlan, 'views' | 'onDemand'>, place: Place): void {
  const keys = new Map(views.flatMap((read) => entityIn(read).keys.map((key) => [key.name, read.view.entity.name])))
  const known = new Map<string, { readonly type: string; readonly by: string }>()
  for (const { plan } of onDemand) {
    for (const column of plan.request) {
      const at = { ...place, 'on-demand feature': plan.name }
      const entity = keys.get(column.name)
      if (entity !== undefined) {
        const problem = `its request has a value named like key column '${column.name}' of entity '${entity}'`
        throw invalid(at, `${problem}; give the value another name`)
      }
      const type = typeText(column.type)
      const other = known.get(column.name)
      if (other !== undefined && other.type !== type)
        throw invalid(at, `value '${column.name}' of the request is ${type} here and ${other.type} in '${other.by}'`)
      known.set(column.name, { type, by: plan.name })
    }
  }
}
