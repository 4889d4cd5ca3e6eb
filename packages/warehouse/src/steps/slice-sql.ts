import { tableRef } from '../table/table-name.ts'
import { sql, type Sql } from '../sql.ts'
import { nameList, sameKey } from './key-sql.ts'
import type { SliceTables } from './slice-step.ts'
import { sourceRows } from './step-source.ts'

/** The rows that the source has for the days of a slice, as the target has them; rows without a day are among them, to be counted. */
export function sliceRows(step: SliceTables): Sql {
  const { columns, source, slice } = step
  const day = sql.id('q', slice.column)
  return sql`
    SELECT ${sql.join(columns.map(({ name, value }) => sql`${value} AS ${sql.id(name)}`))}
    FROM ${sourceRows(source)} AS q
    WHERE ${isInside(step, day)} OR ${day} IS NULL
  `
}

/** Whether a day is in the slice. */
function isInside({ leaves, slice }: SliceTables, day: Sql): Sql {
  const date = (text: string): Sql => sql`CAST(${text} AS ${leaves.columnType('date')})`
  return sql`${day} >= ${date(slice.from)} AND ${day} <= ${date(slice.to)}`
}

/** The columns that a row must have: its key, and what the target declares NOT NULL. */
export function neededColumns({ key, columns }: SliceTables): readonly string[] {
  return [...new Set([...key, ...columns.filter(({ nullable }) => nullable === false).map(({ name }) => name)])]
}

/** `(given, rejected, …)`: rows, those that lack anything, and how many lack each column. */
export function countSlice(step: SliceTables, batch: string): Sql {
  const needed = neededColumns(step)
  const lacks = (name: string): Sql => sql`${sql.id(name)} IS NULL`
  const count = (condition: Sql): Sql => sql`COUNT(CASE WHEN ${condition} THEN 1 END)`
  const any = sql.join(needed.map(lacks), sql` OR `)
  const each = needed.map((name, index) => sql`${count(lacks(name))} AS ${sql.id(`lack_${index}`)}`)
  return sql`SELECT ${sql.join([sql`COUNT(*) AS given`, sql`${count(any)} AS rejected`, ...each])} FROM ${tableRef(batch)}`
}

export function deleteLacking(step: SliceTables, batch: string): Sql {
  const lacks = neededColumns(step).map((name) => sql`${sql.id(name)} IS NULL`)
  return sql`DELETE FROM ${tableRef(batch)} WHERE ${sql.join(lacks, sql` OR `)}`
}

/** A key that a batch has more than once, as texts. */
export function repeatedKey({ key, leaves }: SliceTables, batch: string): Sql {
  const texts = key.map((name) => sql`CAST(${sql.id(name)} AS ${leaves.columnType('text')}) AS ${sql.id(name)}`)
  return sql`
    SELECT ${sql.join(texts)} FROM ${tableRef(batch)} GROUP BY ${nameList(key)} HAVING COUNT(*) > 1
    ORDER BY ${nameList(key)} LIMIT 1
  `
}

/** `(there, known, same)`: the target's rows of the slice, those whose key the batch has, and those that are equal to its row. */
export function compareSlice(step: SliceTables, batch: string): Sql {
  const { into, key, slice, columns } = step
  const rest = columns.map(({ name }) => name).filter((name) => !key.includes(name))
  const differs = rest.map((name) => sql`${sql.id('t', name)} IS DISTINCT FROM ${sql.id('s', name)}`)
  const found = sql`${sql.id('s', key[0] ?? slice.column)} IS NOT NULL`
  const same = rest.length === 0 ? found : sql`${found} AND NOT (${sql.join(differs, sql` OR `)})`
  return sql`
    SELECT COUNT(*) AS there, COUNT(CASE WHEN ${found} THEN 1 END) AS known, COUNT(CASE WHEN ${same} THEN 1 END) AS same
    FROM ${tableRef(into)} AS t LEFT JOIN ${tableRef(batch)} AS s ON ${sameKey(key, 't', 's')}
    WHERE ${isInside(step, sql.id('t', slice.column))}
  `
}

export function deleteSlice(step: SliceTables): Sql {
  return sql`DELETE FROM ${tableRef(step.into)} WHERE ${isInside(step, sql.id(step.slice.column))}`
}

/** Rows lie in the order of their key, so the same rows are the same table. */
export function insertSlice({ into, key, columns }: SliceTables, batch: string): Sql {
  const names = nameList(columns.map(({ name }) => name))
  return sql`INSERT INTO ${tableRef(into)} (${names}) SELECT ${names} FROM ${tableRef(batch)} ORDER BY ${nameList(key)}`
}
