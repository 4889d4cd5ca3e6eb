import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import type { AggregateKind } from '../../vocabulary/aggregates/aggregate-kind.ts'
import { eventFrame, groupColumn } from '../../vocabulary/algebra/group.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { anyDoubt, type Rounding } from '../../vocabulary/algebra/rounding.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { eventsSql } from '../events.ts'
import type { Scope } from '../scope.ts'

/** Aggregates of one input over the newest rows that pass its predicate. */
export interface RankedRows {
  readonly id: string
  readonly input: Input
  readonly values: readonly RankedValue[]
}

interface RankedValue {
  readonly id: string
  readonly kind: AggregateKind
  readonly rows: number
  readonly rounding: Rounding | undefined
}

/** The column that says whether a value must be computed again. */
export function doubtId({ id }: Pick<RankedValue, 'id'>): string {
  return `${id}_doubt`
}

/**
 * `(e, ordinal, us, values)`: every event that passes the predicate, in order of time, sequence and value, with the
 * aggregates over itself and the rows before it. The greatest ordinal before T holds the answer for T.
 */
export function rankedRows(scope: Scope, source: EventsPlan, { input, values }: RankedRows): Sql {
  const passes: Input = { ...input, id: 'passes', column: null, type: 'integer' }
  const origin = (scope.first + scope.last) / 2n
  const x = groupColumn(input, (name) => sql.id(name))
  const order = sql`PARTITION BY e ORDER BY us, sequence NULLS FIRST, ${x.sql} NULLS FIRST`
  const events = sql`
    SELECT *, us - ${integer(origin)} AS tau
    FROM (${eventsSql(scope, source, [passes, input], 'entity')}) v
    WHERE passes IS NOT NULL
  `
  const columns = values.flatMap(({ id, kind, rows, rounding }) => {
    const frame = eventFrame(scope.leaves, sql`${order} ROWS BETWEEN ${integer(rows - 1)} PRECEDING AND CURRENT ROW`)
    const doubt =
      rounding === undefined ? [] : [sql`${anyDoubt([rounding.doubt(frame, x, x)])} AS ${sql.id(doubtId({ id }))}`]
    return [sql`${kind.plain(frame, x, x, {})} AS ${sql.id(id)}`, ...doubt]
  })
  return sql`
    SELECT ${sql.join([sql`e`, sql`us`, sql`ROW_NUMBER() OVER (${order}) AS ordinal`, ...columns])}
    FROM (${events}) k
  `
}
