import { sql, type Sql } from '@martlet/warehouse'
import type { ComputedColumn, EventsPlan } from '../../plan/source-plan.ts'
import { expressionColumns, isNeighbour } from '../algebra/expression-columns.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import type { Frame } from '../algebra/frame.ts'
import type { Input } from '../algebra/input.ts'
import type { TypedSql } from '../algebra/typed-sql.ts'
import { columnType, isAttribute } from './computed.ts'
import { withAttributes } from './event-attributes.ts'
import { neighbourSql } from './neighbour-sql.ts'

type Given = Pick<Frame, 'leaves' | 'entity'>

/** Adds to rows of events the computed columns that inputs need; a number beyond its type is null there. */
export function withComputed(frame: Given, fact: EventsPlan, rows: Sql, inputs: readonly Input[]): Sql {
  return withColumns(frame, fact, rows, computedOf(inputs))
}

/** Whether inputs need the events before each of theirs. */
export function needsHistory(inputs: readonly Input[]): boolean {
  return computedOf(inputs).some(({ expression }) => isNeighbour(expression))
}

/** Adds computed columns to rows of events; those that they are computed from must be among them. */
export function withColumns(frame: Given, fact: EventsPlan, rows: Sql, all: readonly ComputedColumn[]): Sql {
  const computed = new Map(all.map((column) => [column.name, column]))
  let made = rows
  // Columns of one level need only those of the levels before.
  while (computed.size > 0) {
    const level = [...computed.values()].filter(({ expression }) =>
      expressionColumns(expression).every((name) => !computed.has(name)),
    )
    const own = level.filter((column) => !isAttribute(column))
    if (own.length > 0) made = withLevel(frame, fact, made, { all, level: own })
    made = withAttributes(frame.leaves, fact, made, level.filter(isAttribute))
    for (const { name } of level) computed.delete(name)
  }
  return made
}

function computedOf(inputs: readonly Input[]): readonly ComputedColumn[] {
  return [...new Map(inputs.flatMap((input) => input.computed ?? []).map((column) => [column.name, column])).values()]
}

function withLevel(
  { leaves, entity }: Given,
  fact: EventsPlan,
  rows: Sql,
  { all, level }: { readonly all: readonly ComputedColumn[]; readonly level: readonly ComputedColumn[] },
): Sql {
  const column = (name: string): TypedSql => ({
    sql: sql.id('s', name),
    type: columnType(fact, { computed: all }, name),
  })
  const before: Sql[] = []
  const columns = level.map(({ name, type, expression }) => {
    if (isNeighbour(expression)) {
      const neighbour = neighbourSql({ leaves, entity }, fact, expression, column)
      // Named, so that the events are put in order once, however often the value asks for it.
      const own = `${name}__before`
      before.push(sql`${neighbour.before} AS ${sql.id(own)}`)
      return sql`${neighbour.value(sql.id('s', own))} AS ${sql.id(name)}`
    }
    const value = expressionSql(leaves, expression, column)
    return sql`${type === 'double' ? leaves.finite(value) : value} AS ${sql.id(name)}`
  })
  const known = before.length === 0 ? rows : sql`SELECT ${sql.join([sql`s.*`, ...before])} FROM (${rows}) s`
  return sql`SELECT ${sql.join([sql`s.*`, ...columns])} FROM (${known}) s`
}
