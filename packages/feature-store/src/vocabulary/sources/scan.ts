import { sql, tableRef, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import { isNumber } from '../../plan/column-family.ts'
import { sourceKeys, zoneOf, type EntityPlan, type SourceColumn, type SourcePlan } from '../../plan/source-plan.ts'
import { keyAlias } from '../algebra/frame.ts'
import { sourceKind } from './list.ts'

/**
 * The one place where a source table is read: columns cast to their declared types, local clocks turned to UTC,
 * numbers and times that are not finite turned to null. Prints a query to be used as a subquery.
 */
export function scanSource(
  leaves: Leaves,
  source: SourcePlan,
  columns: readonly string[] = source.columns.map((column) => column.name),
): Sql {
  const wanted = source.columns.filter((column) => columns.includes(column.name))
  const list = wanted.map((column) => sql`${sourceColumn(leaves, source, column)} AS ${sql.id(column.name)}`)
  return sql`SELECT ${sql.join(list)} FROM ${relation(source)}`
}

/**
 * As {@link scanSource}, with the keys of an entity first, under their aliases. `where` is about the table's own columns.
 */
export function scanKeyed(
  leaves: Leaves,
  source: SourcePlan,
  entity: EntityPlan,
  columns?: readonly string[],
  where?: Sql,
): Sql {
  const keys = sourceKeys(source, entity).map((name, index) => {
    const column = source.columns.find((one) => one.name === name)
    if (column === undefined) throw new Error(`${source.table} has no column ${name}, a key of ${entity.name}`)
    return sql`${sourceColumn(leaves, source, column)} AS ${sql.id(keyAlias(index))}`
  })
  const wanted = source.columns.filter(({ name }) => columns === undefined || columns.includes(name))
  const list = wanted.map((column) => sql`${sourceColumn(leaves, source, column)} AS ${sql.id(column.name)}`)
  const rows = sql`SELECT ${sql.join([...keys, ...list])} FROM ${relation(source)}`
  return where === undefined ? rows : sql`${rows} WHERE ${where}`
}

/** A column's value in UTC and of its declared type, null where it is no number or time that can be computed with. */
export function sourceColumn(leaves: Leaves, source: SourcePlan, column: SourceColumn): Sql {
  // What began or became known before all times did so long ago; an event of then is a mistake.
  const before = sourceKind(source).bounds(source).includes(column.name) ? 'first' : 'missing'
  return declaredValue(leaves, sql.id(column.name), column.type, zoneOf(source, column.name), before)
}

/**
 * The value of a column that is declared with a type, times by the clock of a zone (null: UTC); null where it is no
 * number or time that can be computed with.
 */
export function declaredValue(
  leaves: Leaves,
  name: Sql,
  type: ColumnType,
  zone: string | null,
  before: 'first' | 'missing' = 'missing',
): Sql {
  switch (type) {
    case 'double':
      return leaves.finite(name)
    case 'timestamp':
      return leaves.toInstant(name, zone, before)
    case 'date':
      return leaves.toDate(name, before)
    default:
      return isNumber(type) ? leaves.tryCast(name, type) : sql`CAST(${name} AS ${leaves.columnType(type)})`
  }
}

/** What a source is read from. */
export function relation(source: SourcePlan): Sql {
  return sourceKind(source).relation?.(source) ?? tableRef(source.table)
}
