import { sql, type Sql } from '@martlet/warehouse'
import type { ComputedColumn, EventsPlan } from '../plan/source-plan.ts'
import { expressionColumns, isNeighbour } from '../vocabulary/algebra/expression-columns.ts'
import { expressionSql } from '../vocabulary/algebra/expression-sql.ts'
import type { Frame } from '../vocabulary/algebra/frame.ts'
import type { Input } from '../vocabulary/algebra/input.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import { neighbourSql } from './neighbour-sql.ts'
import { columnType } from './window-feature.ts'

type Given = Pick<Frame, 'leaves' | 'entity'>

/** Adds to rows of events the computed columns that inputs need; a number beyond its type is null there. */
export function withComputed(frame: Given, fact: EventsPlan, rows: Sql, inputs: readonly Input[]): Sql {
  const all = computedOf(inputs)
  const computed = new Map(all.map((column) => [column.name, column]))
  let made = rows
  // Columns of one level need only those of the levels before.
  while (computed.size > 0) {
    const level = [...computed.values()].filter(({ expression }) =>
      expressionColumns(expression).every((name) => !computed.has(name)),
    )
    const columns = level.map((column) => sql`${valueOf(frame, fact, all, column)} AS ${sql.id(column.name)}`)
    made = sql`SELECT ${sql.join([sql`s.*`, ...columns])} FROM (${made}) s`
    for (const { name } of level) computed.delete(name)
  }
  return made
}

/** Whether inputs need the events before each of theirs. */
export function needsHistory(inputs: readonly Input[]): boolean {
  return computedOf(inputs).some(({ expression }) => isNeighbour(expression))
}

function computedOf(inputs: readonly Input[]): readonly ComputedColumn[] {
  return [...new Map(inputs.flatMap((input) => input.computed ?? []).map((column) => [column.name, column])).values()]
}

function valueOf(
  frame: Given,
  fact: EventsPlan,
  computed: readonly ComputedColumn[],
  { expression, type }: ComputedColumn,
): Sql {
  const { leaves } = frame
  const column = (name: string): TypedSql => ({ sql: sql.id('s', name), type: columnType(fact, { computed }, name) })
  const value = isNeighbour(expression)
    ? neighbourSql(frame, fact, expression, column)
    : expressionSql(leaves, expression, column)
  return type === 'double' ? leaves.finite(value) : value
}
