import { sql } from 'kysely'
import { tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import type { SourceColumn, SourcePlan } from '../plan/source-plan.ts'

/**
 * The one place where a source table is read: columns cast to their declared types, local clocks turned to UTC,
 * numbers that are not finite turned to null. Prints a query to be used as a subquery.
 */
export function scanSource(leaves: Leaves, source: SourcePlan, columns: readonly string[] = source.columns.map((column) => column.name)): Sql {
  const wanted = source.columns.filter((column) => columns.includes(column.name))
  const list = wanted.map((column) => sql`${sourceColumn(leaves, source, column)} AS ${sql.id(column.name)}`)
  return sql`SELECT ${sql.join(list)} FROM ${tableRef(source.table)}`
}

function sourceColumn(leaves: Leaves, source: SourcePlan, column: SourceColumn): Sql {
  const name = sql.id(column.name)
  if (column.type === 'double') return leaves.finite(name)
  const typed = sql`CAST(${name} AS ${leaves.columnType(column.type)})`
  return column.type === 'timestamp' && source.zone !== null ? leaves.toUtc(typed, source.zone) : typed
}
