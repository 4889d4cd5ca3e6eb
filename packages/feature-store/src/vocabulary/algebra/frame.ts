import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EntityPlan } from '../../plan/source-plan.ts'

/** The engine a statement is printed for, and the entities it is about. */
export interface Frame {
  readonly leaves: Leaves
  readonly entity: EntityPlan
  /** A table `(e, key aliases)`: the entities wanted, numbered. */
  readonly entities: string
}

/** The name of an entity's key column inside a statement, whatever it is called outside: no column of a user has it. */
export function keyAlias(index: number): string {
  return `key__${index}`
}

export function entityTable({ entities }: Frame): Sql {
  return sql.id(entities)
}

/** The entity's key columns by their names inside a statement. */
export function keyColumns({ entity }: Frame): readonly string[] {
  return entity.keys.map((_, index) => keyAlias(index))
}

/** `left.k1 = right.k1 AND …` over the entity's key columns. */
export function sameEntity(frame: Frame, left: string, right: string): Sql {
  return sql.join(
    keyColumns(frame).map((key) => sql`${sql.id(left, key)} = ${sql.id(right, key)}`),
    sql` AND `,
  )
}

/** `alias.k1, alias.k2` */
export function keysOf(frame: Frame, alias: string): Sql {
  return sql.join(keyColumns(frame).map((key) => sql.id(alias, key)))
}
