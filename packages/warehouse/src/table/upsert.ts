import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import type { Warehouse } from '../warehouse.ts'
import { dropTable } from './ensure-table.ts'
import { tableRef } from './table-name.ts'
import { temporaryTableName } from './temporary-table-name.ts'
import { sql, type Sql } from '../sql.ts'

export interface Upsert {
  readonly table: string
  /** The columns that identify a row. */
  readonly key: readonly string[]
  /** All columns to write, including the key. Other columns of the table keep their values, and are null in new rows. */
  readonly columns: readonly string[]
  /** A query that yields `columns`, each key once. */
  readonly source: Sql
}

/**
 * Updates the rows whose key exists and inserts the others, in one statement; returns how many rows were written.
 *
 * Inside a transaction of Snowflake, where creating a temporary table would commit, the source is read three times instead of
 * being copied: nobody may change it meanwhile.
 * @throws MartletError UPSERT_DUPLICATES when the source has a key twice; nothing is written
 * @throws MartletError UPSERT_NULL_KEY when a key is null; nothing is written
 * @throws MartletError BAD_UPSERT when the key is not among the columns
 */
export async function upsert(
  warehouse: Warehouse,
  { table, key, columns, source }: Upsert,
): Promise<{ readonly rows: number }> {
  checkKey(table, key, columns)
  const names = sql.join(columns.map((name) => sql.id(name)))
  const rows = sql`SELECT ${names} FROM (${source}) AS given`
  return warehouse.session(async (session) => {
    // Engines differ on duplicate matches (one silently picks a row), so the source is copied and checked first.
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

/** Merges rows that were copied to a table of their own, after checking their keys. */
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
      `The rows to upsert into ${table} have a key that is null: ${describe(nulls[0])}. Leave such rows out.`,
      { data: { table, key: nulls[0] } },
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
      `The rows to upsert into ${table} have a key more than once, for example ${describe(duplicates[0])}. ` +
        'Choose one row per key, for example with row_number().',
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
  const values = columns.map((name) => sql`source.${sql.id(name)}`)
  return sql`
    MERGE INTO ${tableRef(table)} AS target USING ${from} AS source ON ${sql.join(same, sql` AND `)}
    ${rest.length === 0 ? sql`` : update}
    WHEN NOT MATCHED THEN INSERT (${sql.join(columns.map((name) => sql.id(name)))}) VALUES (${sql.join(values)})
  `
}

function describe(key: Readonly<Record<string, unknown>>): string {
  return Object.entries(key)
    .map(([name, value]) => `${name} = ${value instanceof Date ? value.toISOString() : String(value)}`)
    .join(', ')
}
