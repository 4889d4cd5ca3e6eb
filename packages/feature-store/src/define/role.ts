import type { EntityPlan } from '../plan/source-plan.ts'
import type { ServiceView } from '../plan/view-plan.ts'
import type { AnyFeatureView, FeatureView } from './feature-view.ts'
import { invalid, type Place } from './invalid-definition.ts'
import { checkDistinct, checkName, checkNotReserved, checkTableName, checkVectorName } from './names.ts'
import type { Row } from './sources/columns.ts'
import type { Entity } from './sources/entity.ts'

/** How a service asks for a view under another name or by other columns. */
export type Role = Pick<ServiceView, 'as' | 'keys'>

/** A view in a role: `N` takes the place of its name, and keys are those of requests. */
export type InRole<V, N extends string, M> =
  V extends FeatureView<string, Entity<infer EN, infer K>, infer F, infer D>
    ? FeatureView<N, Entity<EN, Renamed<K, M>>, F, D>
    : never
type Renamed<K extends Row, M> = {
  readonly [C in keyof K & string as C extends keyof M ? (M[C] extends string ? M[C] : C) : C]: K[C]
}

/** Columns for keys of a view's entity, and a sentence for each that it does not have. */
export type RoleKeys<V, M> = {
  readonly [C in keyof M]: V extends FeatureView<string, Entity<infer EN, infer K>, Row>
    ? C extends keyof K
      ? M[C] extends string
        ? M[C]
        : `the column that stands for key '${C & string}' is a text`
      : `entity '${EN}' has no key column '${C & string}'`
    : M[C]
}

/** The entity with its keys as they are asked for. */
export function renamedEntity(entity: EntityPlan, keys: Readonly<Record<string, string>>): EntityPlan {
  return { ...entity, keys: entity.keys.map((key) => ({ ...key, name: keys[key.name] ?? key.name })) }
}

/** A role of a view that may have one already; throws INVALID_DEFINITION. */
export function planRole(
  { plan: view, role: before, of, picked }: Pick<AnyFeatureView, 'plan' | 'role' | 'of' | 'picked'>,
  as: unknown,
  given: unknown,
): Role {
  const place = { view: view.name }
  if (typeof as !== 'string') throw invalid(place, "as() takes the name of the role, like 'origin'")
  checkTableName(as, { ...place, role: as })
  const at = { ...place, role: as }
  const asked = checkedKeys(of.plan, given, at)
  const keys = Object.fromEntries(
    view.entity.keys.flatMap(({ name }): [string, string][] => {
      const current = before.keys?.[name] ?? name
      const next = asked.get(current) ?? current
      return next === name ? [] : [[name, next]]
    }),
  )
  checkDistinct(
    renamedEntity(view.entity, keys).keys.map(({ name }) => name),
    'key columns',
    at,
  )
  for (const feature of picked) checkVectorName(as, feature, { ...at, feature })
  return { ...(as === view.name ? {} : { as }), ...(Object.keys(keys).length === 0 ? {} : { keys }) }
}

function checkedKeys(entity: EntityPlan, given: unknown, at: Place): ReadonlyMap<string, string> {
  if (given === undefined) return new Map()
  if (typeof given !== 'object' || given === null)
    throw invalid(at, "its keys must be an object of columns by key column, like { location_id: 'origin_id' }")
  return new Map(
    Object.entries(given).map(([key, column]: [string, unknown]) => {
      if (!entity.keys.some(({ name }) => name === key)) {
        const names = entity.keys.map(({ name }) => name).join(', ') || 'none'
        throw invalid(at, `entity '${entity.name}' has no key column '${key}'; it has ${names}`)
      }
      const here = { ...at, column: key }
      if (typeof column !== 'string') throw invalid(here, 'the column of a request that has this key must be a text')
      checkName(column, 'key column', here)
      checkNotReserved(column, 'key column', here)
      return [key, column]
    }),
  )
}
