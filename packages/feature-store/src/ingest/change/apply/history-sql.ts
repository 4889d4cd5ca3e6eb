import { sql, tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import { AT, names, sameKey, type ChangeTables, type HistoryTable } from './change-tables.ts'
import { ENDED, keysOf, SEQ, versions, type Scope } from './versions-sql.ts'

const BEGIN = 'martlet_begin'
const NEXT = 'martlet_next'
const BEGINS = 'martlet_begins'
const GONE = 'martlet_gone'

/** Makes the intervals of the rows of a scope those of their versions, in one statement. */
export function mergeHistory(tables: ChangeTables, history: HistoryTable, scope: Scope, leaves: Leaves): Sql {
  const { key } = tables
  const { table, validFrom, validTo } = history
  const values = trackedNames(tables, history)
  const written = [...key, ...values, validFrom, validTo]
  const rest = [...values, validTo]
  const id = [...key, validFrom]
  const differs = rest.map((name) => sql`${sql.id('t', name)} IS DISTINCT FROM ${sql.id('s', name)}`)
  const either = id.map((name) => sql`COALESCE(${sql.id('n', name)}, ${sql.id('o', name)}) AS ${sql.id(name)}`)
  const gone = sql`CASE WHEN ${sql.id('n', validFrom)} IS NULL THEN 1 ELSE 0 END AS ${sql.id(GONE)}`
  const old = sql`
    SELECT ${names(id, 'h')} FROM ${tableRef(table)} AS h
    JOIN (${keysOf(tables, scope)}) AS k ON ${sameKey(key, 'k', 'h')}
  `
  return sql`
    MERGE INTO ${tableRef(table)} AS t USING (
      SELECT ${sql.join([...either, ...rest.map((name) => sql.id('n', name)), gone])}
      FROM (${intervals(tables, history, scope, leaves)}) AS n FULL OUTER JOIN (${old}) AS o ON ${sameKey(id, 'n', 'o')}
    ) AS s
    ON ${sameKey(id, 't', 's')}
    WHEN MATCHED AND ${sql.id('s', GONE)} = 1 THEN DELETE
    WHEN MATCHED AND (${sql.join(differs, sql` OR `)})
    THEN UPDATE SET ${sql.join(rest.map((name) => sql`${sql.id(name)} = ${sql.id('s', name)}`))}
    WHEN NOT MATCHED THEN INSERT (${names(written)}) VALUES (${names(written, 's')})
  `
}

/** `(key, values, valid_from, valid_to)`: one row for each time in which the values of a row did not change. */
function intervals(tables: ChangeTables, history: HistoryTable, scope: Scope, leaves: Leaves): Sql {
  const { key } = tables
  const { validFrom, validTo } = history
  const values = trackedNames(tables, history)
  const inOrder = sql`PARTITION BY ${names(key)} ORDER BY ${sql.id(SEQ)}`
  // The log says what came first; clocks that went back make no interval that ends before it begins.
  const begin = sql`MAX(${sql.id(AT)}) OVER (${inOrder} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
  const begun = sql`SELECT v.*, ${begin} AS ${sql.id(BEGIN)} FROM (${versions(tables, scope, leaves)}) AS v`
  const next = sql`SELECT b.*, LEAD(${sql.id(BEGIN)}) OVER (${inOrder}) AS ${sql.id(NEXT)} FROM (${begun}) AS b`
  const before = (name: string): Sql => sql`LAG(${sql.id(name)}) OVER (${inOrder})`
  const changes = [
    sql`${before(SEQ)} IS NULL`,
    sql`${before(ENDED)} <> ${sql.id(ENDED)}`,
    ...values.map((name) => sql`(${sql.id(ENDED)} = 0 AND ${sql.id(name)} IS DISTINCT FROM ${before(name)})`),
  ]
  const begins = sql`CASE WHEN ${sql.join(changes, sql` OR `)} THEN 1 ELSE 0 END`
  // Of several versions of one instant, the last one holds.
  const held = sql`
    SELECT x.*, ${begins} AS ${sql.id(BEGINS)} FROM (${next}) AS x
    WHERE ${sql.id(NEXT)} IS NULL OR ${sql.id(NEXT)} > ${sql.id(BEGIN)}
  `
  return sql`
    SELECT ${names([...key, ...values])}, ${sql.id(BEGIN)} AS ${sql.id(validFrom)}, ${sql.id(validTo)}
    FROM (
      SELECT y.*, LEAD(${sql.id(BEGIN)}) OVER (${inOrder}) AS ${sql.id(validTo)}
      FROM (${held}) AS y WHERE ${sql.id(BEGINS)} = 1
    ) AS z WHERE ${sql.id(ENDED)} = 0
  `
}

function trackedNames({ key }: ChangeTables, { columns, validFrom, validTo }: HistoryTable): readonly string[] {
  return columns.map(({ name }) => name).filter((name) => !key.includes(name) && name !== validFrom && name !== validTo)
}
