import { freezeDeep } from '../../plan/canonical-json.ts'
import type { EntityPlan } from '../../plan/source-plan.ts'
import { sourceColumns, type EmptyRow, type Row, type RowOf, type Shape } from './columns.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkName, checkNotReserved } from '../names.ts'

/** Something that features describe, found by its key columns. */
export interface Entity<N extends string, K extends Row> {
  readonly kind: 'entity'
  readonly name: N
  readonly plan: EntityPlan
  readonly '~key'?: K
  /**
   * This entity where key columns have other names: the column for each key that is called differently in the table.
   *
   * @example fact('mart.orders', { columns, entities: [customer.from({ customer_id: 'cust_no' })], eventTime: 'ordered_at' })
   */
  from<const M extends KeyNames<K>>(columns: M): EntityFrom<Entity<N, K>, M>
}

/** For some keys of an entity the column that holds them. */
export type KeyNames<K> = { readonly [C in keyof K]?: string }

/** An entity as a table has it whose key columns have other names. */
export interface EntityFrom<E extends AnyEntity, M> {
  readonly kind: 'entity from'
  readonly entity: E
  readonly columns: M
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
  return entityOf(name, plan)
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

export function entityOf<const N extends string, K extends Row>(name: N, plan: EntityPlan): Entity<N, K> {
  const made: Entity<N, K> = Object.freeze({
    kind: 'entity',
    name,
    plan,
    from: <const M extends KeyNames<K>>(columns: M): EntityFrom<Entity<N, K>, M> =>
      Object.freeze({ kind: 'entity from', entity: made, columns }),
  })
  return made
}

export const everyone: Everyone = entityOf('everyone', freezeDeep({ name: 'everyone', keys: [] }))
