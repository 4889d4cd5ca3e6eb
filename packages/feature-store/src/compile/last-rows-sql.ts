import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { AggregateFunction } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { eventsSql } from './events-sql.ts'
import type { Input } from './moments.ts'
import { integer } from './integer.ts'
import { type Scope } from './scope.ts'
import { slopeOf } from './window-value.ts'

/** Aggregates of one input over the newest rows that pass its predicate. */
export interface RowsGroup {
  readonly id: string
  readonly input: Input
  readonly features: readonly { readonly id: string; readonly function: AggregateFunction; readonly rows: number }[]
}

/**
 * `(e, ordinal, us, features)`: every event that passes the predicate, in order of time, sequence and value, with the
 * aggregates over itself and the rows before it. The greatest ordinal before T holds the answer for T.
 */
export function rankedRows(scope: Scope, fact: FactPlan, group: RowsGroup): Sql {
  const passes: Input = { id: 'passes', column: null, where: group.input.where, type: 'integer' }
  const origin = (scope.first + scope.last) / 2n
  const x = sql.id(group.input.id)
  const order = sql`PARTITION BY e ORDER BY us, sequence NULLS FIRST, ${x} NULLS FIRST`
  const events = sql`
    SELECT *, us - ${integer(origin)} AS tau
    FROM (${eventsSql(scope, fact, [passes, group.input], 'entity')}) v
    WHERE passes IS NOT NULL
  `
  const values = group.features.map((feature) => {
    const frame = sql`${order} ROWS BETWEEN ${integer(feature.rows - 1)} PRECEDING AND CURRENT ROW`
    return sql`${frameValue(scope.leaves, feature.function, x, frame)} AS ${sql.id(feature.id)}`
  })
  return sql`
    SELECT ${sql.join([sql`e`, sql`us`, sql`ROW_NUMBER() OVER (${order}) AS ordinal`, ...values])}
    FROM (${events}) k
  `
}

function frameValue(leaves: Leaves, name: AggregateFunction, x: Sql, frame: Sql): Sql {
  const over = sql`OVER (${frame})`
  switch (name) {
    case 'count':
      return sql`COUNT(${x}) ${over}`
    case 'sum':
      return sql`COALESCE(SUM(${x}) ${over}, 0)`
    case 'mean':
      return sql`AVG(${leaves.toDouble(x)}) ${over}`
    case 'min':
      return sql`MIN(${x}) ${over}`
    case 'max':
      return sql`MAX(${x}) ${over}`
    case 'variance':
      return sql`VAR_SAMP(${leaves.toDouble(x)}) ${over}`
    case 'stddev':
      return sql`STDDEV_SAMP(${leaves.toDouble(x)}) ${over}`
    case 'first':
      return leaves.firstPresent(x, frame)
    case 'last':
      return leaves.lastPresent(x, frame)
    case 'distinct':
      return leaves.distinctPresent(x, frame)
    case 'slope': {
      const tau = leaves.toWide(sql`CASE WHEN ${x} IS NOT NULL THEN tau END`)
      return slopeOf(leaves, {
        count: sql`COUNT(${x}) ${over}`,
        tau: sql`SUM(${tau}) ${over}`,
        tauSquared: sql`SUM(${tau} * ${tau}) ${over}`,
        sum: sql`SUM(${leaves.toDouble(x)}) ${over}`,
        valueTau: sql`SUM(${leaves.toDouble(x)} * ${leaves.toDouble(sql`tau`)}) ${over}`,
      })
    }
  }
}
