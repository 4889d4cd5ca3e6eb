import { sql, type Sql } from '@martlet/warehouse'
import type { NeighbourExpression } from '../plan/expression.ts'
import type { EventsPlan } from '../plan/source-plan.ts'
import { isWhole } from '../vocabulary/algebra/expression-type.ts'
import { keyColumns, type Frame } from '../vocabulary/algebra/frame.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'

const DAY = 86_400_000_000

/** What each of the rows `s` of events has of the one before it of its entity; null for the first. */
export function neighbourSql(
  { leaves, entity }: Pick<Frame, 'leaves' | 'entity'>,
  fact: EventsPlan,
  expression: NeighbourExpression,
  column: (name: string) => TypedSql,
): Sql {
  const keys = keyColumns({ leaves, entity, entities: '' }).map((key) => sql.id('s', key))
  const partition = keys.length === 0 ? sql`` : sql`PARTITION BY ${sql.join(keys)} `
  const ordered = (first: readonly string[]): Sql => {
    const sequence = fact.sequence === null ? [] : [fact.sequence]
    const names = [...new Set([fact.eventTime, ...sequence, ...first, ...expression.ties])]
    return sql`${partition}ORDER BY ${sql.join(names.map((name) => sql`${sql.id('s', name)} NULLS FIRST`))}`
  }
  switch (expression.kind) {
    case 'previous':
      return sql`LAG(${column(expression.column).sql}) OVER (${ordered([])})`
    case 'sincePrevious': {
      const time = leaves.epochMicros(column(fact.eventTime).sql)
      return sql`(${leaves.toDouble(sql`${time} - LAG(${time}) OVER (${ordered([])})`)} / ${integer(DAY)})`
    }
    case 'increase': {
      const { sql: reading, type } = column(expression.column)
      // Of one instant and sequence, the lower reading came first.
      const before = sql`${ordered([expression.column])} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`
      const previous = leaves.lastPresent(reading, before)
      const whole = isWhole(type)
      const number = (value: Sql): Sql => (whole ? leaves.toWide(value) : leaves.toDouble(value))
      const grown = sql`
        CASE
          WHEN ${reading} >= ${previous} THEN ${number(reading)} - ${number(previous)}
          WHEN ${previous} IS NOT NULL THEN ${number(reading)} END
      `
      return whole ? leaves.fit(grown, 'bigint') : grown
    }
  }
}
