import type { ColumnBatch } from '../column.ts'
import { MartletError } from '../errors.ts'
import { dropTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import { temporaryTableName } from '../table/temporary-table-name.ts'
import { upsertKept } from '../table/upsert.ts'
import type { Warehouse } from '../warehouse.ts'
import { loadFile } from './load-file.ts'
import type { LoadFile } from './load-file.ts'
import { sql } from '../sql.ts'

export interface UpsertBatches {
  readonly table: string
  /** The columns that identify a row. */
  readonly key: readonly string[]
  /**
   * Batches with the same columns, which include the key; each key occurs once in all of them. Other columns of the table
   * keep their values, and are null in new rows.
   */
  readonly batches: Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>
}

export interface UpsertFile extends Omit<LoadFile, 'mode'> {
  /** The columns that identify a row. */
  readonly key: readonly string[]
}

/**
 * Updates the rows whose key exists and inserts the others, all or none; returns how many rows were written.
 * @throws MartletError UPSERT_DUPLICATES, UPSERT_NULL_KEY when a key occurs twice, or is null
 * @throws MartletError BAD_UPSERT when the key or a column is not in the table
 * @throws MartletError DDL_IN_TRANSACTION inside a transaction of Snowflake: rows are kept in a temporary table first
 */
export async function upsertBatches(
  warehouse: Warehouse,
  { table, key, batches }: UpsertBatches,
): Promise<{ readonly rows: number }> {
  return warehouse.session(async (session) => {
    let kept: { readonly name: string; readonly columns: readonly string[] } | undefined
    try {
      for await (const batch of batches) {
        kept ??= { name: await emptyCopy(session, table, batch.names), columns: batch.names }
        await session.append(kept.name, batch)
      }
      return kept === undefined
        ? { rows: 0 }
        : await upsertKept(session, { table, key, columns: kept.columns }, kept.name)
    } finally {
      if (kept !== undefined) await dropTable(session, kept.name).catch(() => undefined)
    }
  })
}

/**
 * Upserts the rows of files, as `upsertBatches` does for batches. Without `columns`, the files and the table have the same
 * columns.
 * @throws MartletError as `upsertBatches` and `loadFile` do
 */
export async function upsertFile(
  warehouse: Warehouse,
  { table, key, ...load }: UpsertFile,
): Promise<{ readonly rows: number }> {
  return warehouse.session(async (session) => {
    const columns = load.columns === undefined ? await existingColumns(session, table) : Object.keys(load.columns)
    const kept = await emptyCopy(session, table, columns)
    try {
      await loadFile(session, { ...load, table: kept, mode: 'append' })
      return await upsertKept(session, { table, key, columns }, kept)
    } finally {
      await dropTable(session, kept).catch(() => undefined)
    }
  })
}

async function emptyCopy(session: Warehouse, table: string, columns: readonly string[]): Promise<string> {
  const known = new Set(await existingColumns(session, table))
  const unknown = columns.find((name) => !known.has(name.toLowerCase()))
  if (unknown !== undefined)
    throw new MartletError(
      'BAD_UPSERT',
      `Column ${JSON.stringify(unknown)} is not in ${table}, so it cannot be upserted. Correct the columns.`,
      { data: { table, column: unknown } },
    )
  const kept = temporaryTableName('upsert')
  const names = sql.join(columns.map((name) => sql.id(name)))
  await session.run(
    session.leaves.createTableAs(kept, sql`SELECT ${names} FROM ${tableRef(table)} WHERE 1 = 0`, { temporary: true }),
  )
  return kept
}

async function existingColumns(session: Warehouse, table: string): Promise<readonly string[]> {
  const columns = await session.introspect(table)
  if (columns === undefined)
    throw new MartletError('TABLE_NOT_FOUND', `There is no table ${table} to upsert into. Create it first.`, {
      data: { table },
    })
  return columns.map(({ name }) => name.toLowerCase())
}
