import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { sourceKeys, type EntityPlan, type EventsPlan } from '../../plan/source-plan.ts'
import { keyAlias } from '../algebra/frame.ts'
import { neededColumns } from './computed.ts'
import { withColumns } from './computed-rows.ts'
import { scanKeyed, scanSource } from './scan.ts'

/**
 * The events of a source with the keys of an entity first, under their aliases; keys may be columns of a dimension.
 * Intervals that end before they begin are left out. `where` is about the table's own columns.
 */
export function scanEvents(
  leaves: Leaves,
  source: EventsPlan,
  entity: EntityPlan,
  columns?: readonly string[],
  where?: Sql,
): Sql {
  const { end, eventTime } = source
  if (end === undefined) return keyedEvents(leaves, source, entity, columns, where)
  const read = columns === undefined ? undefined : [...columns, eventTime, end]
  const [from, to] = [sql.id('i', eventTime), sql.id('i', end)]
  return sql`
    SELECT i.*
    FROM (${keyedEvents(leaves, source, entity, read, where)}) i
    WHERE ${to} IS NULL OR ${to} >= ${from}
  `
}

function keyedEvents(
  leaves: Leaves,
  source: EventsPlan,
  entity: EntityPlan,
  columns: readonly string[] | undefined,
  where: Sql | undefined,
): Sql {
  const names = sourceKeys(source, entity)
  const computed = neededColumns(source.computed ?? [], names)
  if (computed.length === 0) return scanKeyed(leaves, source, entity, columns, where)
  const table = scanSource(leaves, source)
  const rows = where === undefined ? table : sql`${table} WHERE ${where}`
  const made = withColumns({ leaves, entity }, source, rows, computed)
  const keys = names.map((name, index) => sql`${sql.id('s', name)} AS ${sql.id(keyAlias(index))}`)
  const wanted = source.columns.filter(({ name }) => columns === undefined || columns.includes(name))
  return sql`SELECT ${sql.join([...keys, ...wanted.map(({ name }) => sql.id('s', name))])} FROM (${made}) s`
}
