import { sql, tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import { sourceKeys, zoneOf, type EntityPlan, type SourceColumn, type SourcePlan } from '../plan/source-plan.ts'

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
  return sql`SELECT ${sql.join(list)} FROM ${tableRef(source.table)}`
}

/** The name that an entity's keys have inside a statement, whatever they are called outside: no column of a user's has it. */
export function keyAlias(index: number): string {
  return `key__${index}`
}

/** As {@link scanSource}, with the keys of an entity first, under their aliases. */
export function scanKeyed(leaves: Leaves, source: SourcePlan, entity: EntityPlan, columns?: readonly string[]): Sql {
  const keys = sourceKeys(source, entity).map((name, index) => {
    const column = source.columns.find((one) => one.name === name)
    if (column === undefined) throw new Error(`${source.table} has no column ${name}, a key of ${entity.name}`)
    return sql`${sourceColumn(leaves, source, column)} AS ${sql.id(keyAlias(index))}`
  })
  const wanted = source.columns.filter(({ name }) => columns === undefined || columns.includes(name))
  const list = wanted.map((column) => sql`${sourceColumn(leaves, source, column)} AS ${sql.id(column.name)}`)
  return sql`SELECT ${sql.join([...keys, ...list])} FROM ${tableRef(source.table)}`
}

/** A column's value in UTC and of its declared type, null where it is no number or time that can be computed with. */
export function sourceColumn(leaves: Leaves, source: SourcePlan, column: SourceColumn): Sql {
  const name = sql.id(column.name)
  // What began or became known before all times did so long ago; an event of then is a mistake.
  const before = bounds(source).includes(column.name) ? 'first' : 'missing'
  switch (column.type) {
    case 'double':
      return leaves.finite(name)
    case 'timestamp':
      return leaves.toInstant(name, zoneOf(source, column.name), before)
    case 'date':
      return leaves.toDate(name, before)
    default:
      return sql`CAST(${name} AS ${leaves.columnType(column.type)})`
  }
}

/** The columns that say since when something holds or is known. */
function bounds(source: SourcePlan): readonly (string | null)[] {
  switch (source.kind) {
    case 'fact':
      return [source.knownAt]
    case 'dimension':
      return [source.validFrom, source.validTo]
    case 'precomputed':
      return [source.created]
  }
}
