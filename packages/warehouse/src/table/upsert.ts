import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import type { Warehouse } from '../warehouse.ts'
import { dropTable } from './ensure-table.ts'
import { tableRef } from './table-name.ts'
import { temporaryTableName } from './temporary-table-name.ts'
import { sql, type Sql } from '../sql.ts'

export interface Upsert {
  readonly table: string
  /** The columns that make a row the same row. */
  readonly key: readonly string[]
  /** All columns to write, the key among them. Other columns of the table keep their values, and are null in new rows. */
  readonly columns: readonly string[]
  /** A query that yields `columns`, each key once. */
  readonly source: Sql
}

/**
 * Updates the rows whose key exists and inserts the others, in one statement; returns how many rows were written.
 *
 * In a transaction on an engine where creating a temporary table would commit it, the source is read three times instead of kept: it must
 * be a table or query that nobody changes meanwhile.
 * Errors: `UPSERT_DUPLICATES` when the source has a key twice, `UPSERT_NULL_KEY` when a key is null; nothing is written then.
 */
export async function upsert(
  warehouse: Warehouse,
  { table, key, columns, source }: Upsert,
): Promise<{ readonly rows: number }> {
  checkKey(table, key, columns)
  const names = sql.join(columns.map((name) => sql.id(name)))
  const rows = sql`SELECT ${names} FROM (${source}) AS given`
  return warehouse.session(async (session) => {
    // Engines differ on duplicate matches (one silently picks a row), so the source is kept and checked first.
    const staged = await keptRows(session, rows)
    try {
      const from = staged === undefined ? sql`(${rows})` : tableRef(staged)
      await checkKeys(session, table, from, key)
      return { rows: await session.run(merge({ table, key, columns }, from)) }
    } finally {
      if (staged !== undefined) await dropTable(session, staged).catch(() => undefined)
    }
  })
}

/** Merges rows that are kept in a table of their own, after a look at their keys. */
export async function upsertKept(
  session: Warehouse,
  { table, key, columns }: Omit<Upsert, 'source'>,
  kept: string,
): Promise<{ readonly rows: number }> {
  checkKey(table, key, columns)
  await checkKeys(session, table, tableRef(kept), key)
  return { rows: await session.run(merge({ table, key, columns }, tableRef(kept))) }
}

function checkKey(table: string, key: readonly string[], columns: readonly string[]): void {
  if (key.length === 0 || key.some((name) => !columns.includes(name))) {
    throw new MartletError('BAD_UPSERT', `The key of an upsert into ${table} must name one or more of its columns.`, {
      data: { table, key, columns },
    })
  }
}

async function keptRows(session: Warehouse, rows: Sql): Promise<string | undefined> {
  const staged = temporaryTableName('upsert')
  try {
    await session.run(session.leaves.createTableAs(staged, rows, { temporary: true }))
    return staged
  } catch (error) {
    if (error instanceof MartletError && error.code === 'DDL_IN_TRANSACTION') return undefined
    throw error
  }
}

async function checkKeys(warehouse: Warehouse, table: string, from: Sql, key: readonly string[]): Promise<void> {
  const names = sql.join(key.map((name) => sql.id(name)))
  const isNull = sql.join(
    key.map((name) => sql`${sql.id(name)} IS NULL`),
    sql` OR `,
  )
  const nulls = rowsOf(await warehouse.read(sql`SELECT ${names} FROM ${from} AS source WHERE ${isNull} LIMIT 1`))
  if (nulls[0] !== undefined) {
    throw new MartletError(
      'UPSERT_NULL_KEY',
      `The rows to upsert into ${table} hold a key that is null: ${describe(nulls[0])}. Leave such rows out.`,
      {
        data: { table, key: nulls[0] },
      },
    )
  }
  const duplicates = rowsOf(
    await warehouse.read(
      sql`SELECT ${names} FROM ${from} AS source GROUP BY ${names} HAVING COUNT(*) > 1 ORDER BY ${names} LIMIT 1`,
    ),
  )
  if (duplicates[0] !== undefined) {
    throw new MartletError(
      'UPSERT_DUPLICATES',
      `The rows to upsert into ${table} hold a key more than once, for example ${describe(duplicates[0])}. Choose one row for each key, for example with row_number().`,
      { data: { table, key: duplicates[0] } },
    )
  }
}

function merge({ table, key, columns }: Pick<Upsert, 'table' | 'key' | 'columns'>, from: Sql): Sql {
  const same = key.map((name) => sql`target.${sql.id(name)} = source.${sql.id(name)}`)
  const rest = columns.filter((name) => !key.includes(name))
  const update = sql`
    WHEN MATCHED THEN UPDATE
    SET ${sql.join(rest.map((name) => sql`${sql.id(name)} = source.${sql.id(name)}`))}
  `
  return sql`
    MERGE INTO ${tableRef(table)} AS target USING ${from} AS source ON ${sql.join(same, sql` AND `)}
    ${rest.length === 0 ? sql`` : update}
    WHEN NOT MATCHED THEN INSERT (${sql.join(columns.map((name) => sql.id(name)))}) VALUES (${sql.join(columns.map((name) => sql`source.${sql.id(name)}`))})
  `
}

function describe(key: Readonly<Record<string, unknown>>): string {
  return Object.entries(key)
    .map(([name, value]) => `${name} = ${value instanceof Date ? value.toISOString() : String(value)}`)
    .join(', ')
}
