import { freezeDeep } from '../plan/plan-hash.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import { sourceColumns, type EmptyRow, type Row, type RowOf, type Shape } from './columns.ts'
import { evaluate, invalid, type Place } from './invalid-definition.ts'
import { checkName, checkNotReserved } from './names.ts'

/** Something that features describe, found by its key columns. */
export interface Entity<N extends string, K extends Row> {
  readonly kind: 'entity'
  readonly name: N
  readonly plan: EntityPlan
  readonly '~key'?: K
}

export type AnyEntity = Entity<string, Row>
/** The entity of views that have one row per feature time for everybody. */
export type Everyone = Entity<'everyone', EmptyRow>

/**
 * Declares an entity and its key columns; the key columns must carry the same names and types in every fact.
 *
 * @example const meter = entity('meter', { site_id: z.string(), channel: z.int() })
 */
export function entity<const N extends string, S extends Shape>(name: N, key: S): Entity<N, RowOf<S>> {
  const place = { entity: name }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(name, key, place)))
  return Object.freeze({ kind: 'entity', name, plan })
}

function planOf(name: string, key: Shape, place: Place): EntityPlan {
  checkName(name, 'the name', place)
  if (name === everyone.name) throw invalid(place, `the name is reserved for views without an entity`)
  const keys = sourceColumns(key, place).map((column) => {
    checkName(column.name, 'key column', place)
    checkNotReserved(column.name, 'key column', place)
    if (column.nullable) throw invalid({ ...place, column: column.name }, 'a key column cannot be nullable or optional')
    return { name: column.name, type: column.type }
  })
  return { name, keys }
}

export const everyone: Everyone = Object.freeze({ kind: 'entity', name: 'everyone', plan: freezeDeep({ name: 'everyone', keys: [] }) })
