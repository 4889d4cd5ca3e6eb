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
  /** The columns that make a row the same row. */
  readonly key: readonly string[]
  /** All with the same columns, the key among them; each key once in all of them. Other columns of the table keep their values, and are null in new rows. */
  readonly batches: Iterable<ColumnBatch> | AsyncIterable<ColumnBatch>
}

export interface UpsertFile extends Omit<LoadFile, 'mode'> {
  /** The columns that make a row the same row. */
  readonly key: readonly string[]
}

/**
 * Updates the rows whose key exists and inserts the others, all or none; returns how many rows were written. The rows are kept in a
 * temporary table first, so on an engine where creating one commits it cannot run inside a transaction (`DDL_IN_TRANSACTION`).
 *
 * Errors: those of `upsert` and of `append`.
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
 * Upserts the rows of files, as `upsertBatches` does those of batches. Without `columns`, the files and the table have the same columns.
 *
 * Errors: those of `upsert` and of `loadFile`.
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
      `Column ${JSON.stringify(unknown)} is not in ${table}, which is to be upserted.`,
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
