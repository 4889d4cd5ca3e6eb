import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../plan/source-plan.ts'
import { expressionSql } from '../vocabulary/algebra/expression-sql.ts'
import type { Input } from '../vocabulary/algebra/input.ts'
import { columnType } from '../vocabulary/sources/computed.ts'

/** The value of an input where its condition holds for the event, and null elsewhere. */
export function whereTrue(
  leaves: Leaves,
  fact: EventsPlan,
  { where, computed = [] }: Input,
  value: Sql,
  column: (name: string) => Sql,
): Sql {
  if (where === null) return value
  const typed = (name: string): { sql: Sql; type: Input['type'] } => ({
    sql: column(name),
    type: columnType(fact, { computed }, name),
  })
  return sql`CASE WHEN ${expressionSql(leaves, where, typed)} THEN ${value} END`
}
