import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { ExpressionsPlan, RequestColumn } from '../plan/on-demand-plan.ts'
import { expressionSql } from '../vocabulary/algebra/expression-sql.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import { declaredValue } from '../vocabulary/sources/scan.ts'

/** A value of the request as it stands in the spine, called `s`: of its declared type, finite, in UTC. */
export function requestSql(leaves: Leaves, { name, type }: RequestColumn, zone: string | undefined): TypedSql {
  return { sql: declaredValue(leaves, sql.id('s', name), type, zone ?? null), type }
}

/** The values of an on-demand feature of expressions; `input` gives what they read, by name. */
export function onDemandSql(
  leaves: Leaves,
  { features }: ExpressionsPlan,
  input: (name: string) => TypedSql,
): ReadonlyMap<string, Sql> {
  return new Map(
    features.map(({ name, type, expression }) => {
      const value = expressionSql(leaves, expression, input)
      const typed = type === 'double' ? leaves.finite(value) : sql`CAST(${value} AS ${leaves.columnType(type)})`
      return [name, typed]
    }),
  )
}
