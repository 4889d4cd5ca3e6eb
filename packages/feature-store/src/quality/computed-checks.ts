import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { isNumber } from '../plan/column-family.ts'
import type { ComputedColumn, SourceColumn, SourcePlan } from '../plan/source-plan.ts'
import { isNeighbour, someExpression } from '../vocabulary/algebra/expression-columns.ts'
import { expressionSql } from '../vocabulary/algebra/expression-sql.ts'
import { expressionText } from '../vocabulary/algebra/expression-words.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import {
  computedOf,
  isAnonymous,
  isAttribute,
  isComputed,
  neededColumns,
  tableColumns,
} from '../vocabulary/sources/computed.ts'
import type { RowCheck } from './row-checks.ts'

/** Looks for rows in which a computed column is null because its number does not fit, over the columns of `rawRows`. */
export function computedChecks(leaves: Leaves, source: SourcePlan, present: ReadonlySet<string>): readonly RowCheck[] {
  return computedOf(source).flatMap((column): readonly RowCheck[] => {
    const { name, type } = column
    const parts = neededColumns(computedOf(source), [name])
    // What an event has of the one before it, or of a dimension, is not known from its own row.
    if (parts.some((one) => isAttribute(one) || someExpression(one.expression, isNeighbour))) return []
    if (!isNumber(type) || !tableColumns(source, [name]).every((read) => present.has(read))) return []
    const about = rough(leaves, source, column)
    return [
      {
        column: columnText(column),
        check: 'fits',
        message: `needs a number beyond ${type === 'double' ? 'the range of doubles' : '64 bits'}, and is skipped`,
        bad: sql`(${exact(leaves, source, column).sql} IS NULL AND ${about.sql} IS NOT NULL)`,
        example: sql`CAST(${about.sql} AS VARCHAR)`,
      },
    ]
  })
}

function columnText(column: ComputedColumn): string {
  return isAnonymous(column) ? expressionText(column.expression) : column.name
}

/** The value that aggregates see. */
function exact(leaves: Leaves, source: SourcePlan, column: SourceColumn): TypedSql {
  const { type } = column
  if (!isComputed(column)) return { type, sql: declaredIn(leaves, column) }
  const value = expressionSql(leaves, column.expression, (other) => exact(leaves, source, named(source, other)))
  return { type, sql: type === 'double' ? leaves.finite(value) : value }
}

/** The value of a column of the table in `rawRows`, null where it is none of its declared type. */
export function declaredIn(leaves: Leaves, { name, type }: SourceColumn): Sql {
  if (type === 'double') return sql.id('s', `${name}~`)
  return isNumber(type) ? leaves.tryCast(sql.id('s', name), type) : sql.id('s', name)
}

/** As doubles no whole number is too large, and what is beyond doubles is infinite, not null. */
function rough(leaves: Leaves, source: SourcePlan, column: SourceColumn): TypedSql {
  const { name, type } = column
  if (isComputed(column)) {
    const value = expressionSql(leaves, column.expression, (other) => rough(leaves, source, named(source, other)))
    return { type: isNumber(type) ? 'double' : type, sql: value }
  }
  return isNumber(type)
    ? { type: 'double', sql: leaves.toDouble(declaredIn(leaves, column)) }
    : { type, sql: sql.id('s', name) }
}

function named(source: SourcePlan, name: string): SourceColumn {
  const found = [...source.columns, ...computedOf(source)].find((column) => column.name === name)
  if (found === undefined) throw new Error(`${source.table} has no column ${name}`)
  return found
}
