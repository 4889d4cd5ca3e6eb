import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { ComputedColumn, EventsPlan } from '../plan/source-plan.ts'
import { expressionColumns } from '../vocabulary/algebra/expression-columns.ts'
import { expressionSql } from '../vocabulary/algebra/expression-sql.ts'
import type { Input } from '../vocabulary/algebra/input.ts'
import { columnType } from './window-feature.ts'

/** Adds to rows of events the computed columns that inputs need; a number beyond its type is null there. */
export function withComputed(leaves: Leaves, fact: EventsPlan, rows: Sql, inputs: readonly Input[]): Sql {
  const computed = new Map(inputs.flatMap((input) => input.computed ?? []).map((column) => [column.name, column]))
  const all = [...computed.values()]
  let made = rows
  // Columns of one level need only those of the levels before.
  while (computed.size > 0) {
    const level = [...computed.values()].filter(({ expression }) =>
      expressionColumns(expression).every((name) => !computed.has(name)),
    )
    const columns = level.map((column) => sql`${valueOf(leaves, fact, all, column)} AS ${sql.id(column.name)}`)
    made = sql`SELECT ${sql.join([sql`s.*`, ...columns])} FROM (${made}) s`
    for (const { name } of level) computed.delete(name)
  }
  return made
}

function valueOf(
  leaves: Leaves,
  fact: EventsPlan,
  computed: readonly ComputedColumn[],
  { expression, type }: ComputedColumn,
): Sql {
  const value = expressionSql(leaves, expression, (name) => ({
    sql: sql.id('s', name),
    type: columnType(fact, { computed }, name),
  }))
  return type === 'double' ? leaves.finite(value) : value
}
