import { sql, type Sql } from '@martlet/warehouse'
import type { NeighbourExpression } from '../../plan/expression.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { isWhole } from '../algebra/expression-type.ts'
import { keyColumns, type Frame } from '../algebra/frame.ts'
import { integer } from '../algebra/integer.ts'
import type { TypedSql } from '../algebra/typed-sql.ts'

const DAY = 86_400_000_000

/** What an event has of the one before it: a window over the events of its entity, and what is made of its value. */
export interface NeighbourSql {
  readonly before: Sql
  readonly value: (before: Sql) => Sql
}

/** Of the rows `s` of events; null for the first of an entity. */
export function neighbourSql(
  { leaves, entity }: Pick<Frame, 'leaves' | 'entity'>,
  fact: EventsPlan,
  expression: NeighbourExpression,
  column: (name: string) => TypedSql,
): NeighbourSql {
  const keys = keyColumns({ leaves, entity, entities: '' }).map((key) => sql.id('s', key))
  const partition = keys.length === 0 ? sql`` : sql`PARTITION BY ${sql.join(keys)} `
  const ordered = (first: readonly string[]): Sql => {
    const sequence = fact.sequence === null ? [] : [fact.sequence]
    const names = [...new Set([fact.eventTime, ...sequence, ...first, ...expression.ties])]
    return sql`${partition}ORDER BY ${sql.join(names.map((name) => sql`${sql.id('s', name)} NULLS FIRST`))}`
  }
  switch (expression.kind) {
    case 'previous':
      return { before: sql`LAG(${column(expression.column).sql}) OVER (${ordered([])})`, value: (before) => before }
    case 'sincePrevious': {
      const time = column(fact.eventTime).sql
      const since = (before: Sql): Sql => sql`${leaves.epochMicros(time)} - ${leaves.epochMicros(before)}`
      return {
        before: sql`LAG(${time}) OVER (${ordered([])})`,
        value: (before) => sql`(${leaves.toDouble(since(before))} / ${integer(DAY)})`,
      }
    }
    case 'increase': {
      const { sql: reading, type } = column(expression.column)
      const whole = isWhole(type)
      const number = (value: Sql): Sql => (whole ? leaves.toWide(value) : leaves.toDouble(value))
      const grown = (before: Sql): Sql => sql`
        CASE
          WHEN ${reading} >= ${before} THEN ${number(reading)} - ${number(before)}
          WHEN ${before} IS NOT NULL THEN ${number(reading)} END
      `
      // Of one instant and sequence, the lower reading came first.
      const earlier = sql`${ordered([expression.column])} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`
      return {
        before: leaves.lastPresent(reading, earlier),
        value: (before) => (whole ? leaves.fit(grown(before), 'bigint') : leaves.finite(grown(before))),
      }
    }
  }
}
