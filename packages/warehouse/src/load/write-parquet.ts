import { randomBytes } from 'node:crypto'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import type { ColumnBatch, ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import { ensureTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import { checkUnloaded, readError, unloadedRows } from './bulk-read.ts'
import { isBulk } from '../bulk-warehouse.ts'
import type { BulkWarehouse, UnloadedFiles } from '../bulk-warehouse.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Writes the result of a query to a Parquet file (zstd), which it replaces only when everything is written. From Snowflake
 * the rows come as files, in any order; those of a query that orders them are streamed.
 * @throws MartletError FILE_NOT_WRITABLE before the query runs, when `path` is a folder or its folder does not exist
 */
export async function writeParquet(
  warehouse: Warehouse,
  query: Sql,
  path: string,
  options: RunOptions = {},
): Promise<{ readonly rows: number }> {
  await checkPath(path)
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const rows = isBulk(warehouse)
      ? await fetchAndCopy(warehouse, query, unfinished, options)
      : await copy(warehouse, query, unfinished, options)
    await rename(unfinished, path).catch((cause: unknown) => {
      throw notWritable(path, cause instanceof Error ? cause.message : String(cause), cause)
    })
    return { rows }
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

/** The query may take hours, so what is known to fail after it fails before it. */
async function checkPath(path: unknown): Promise<void> {
  if (typeof path !== 'string') throw notWritable(path, `it is of type ${typeof path}, not text`)
  if (path === '') throw notWritable(path, 'it is empty')
  if (path.includes('\0')) throw notWritable(path, 'it contains a NUL')
  if ((await kindOf(path)) === 'folder') throw notWritable(path, 'it is a folder')
  const folder = dirname(path)
  if ((await kindOf(folder)) !== 'folder') throw notWritable(path, `there is no folder ${folder}`)
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? undefined : found.isDirectory() ? 'folder' : 'file'
}

function notWritable(path: unknown, why: string, cause?: unknown): MartletError {
  const message = `${JSON.stringify(path) ?? 'The path'} cannot be written: ${why}. Give the path of a file in a folder that exists.`
  return new MartletError('FILE_NOT_WRITABLE', message, {
    data: typeof path === 'string' ? { path } : {},
    ...(cause === undefined ? {} : { cause }),
  })
}

async function fetchAndCopy(warehouse: BulkWarehouse, query: Sql, path: string, options: RunOptions): Promise<number> {
  await using folder = await temporaryFolder()
  const unloaded = await warehouse.unload(query, folder.path, options)
  return await (unloaded === undefined
    ? streamAndCopy(warehouse, query, path, options)
    : copyFiles(unloaded, path, options))
}

function copy(warehouse: Warehouse, query: Sql, path: string, options: RunOptions): Promise<number> {
  return warehouse.run(sql`COPY (${query}) TO ${sql.lit(path)} (FORMAT parquet, COMPRESSION zstd)`, options)
}

async function copyFiles(unloaded: UnloadedFiles, path: string, options: RunOptions): Promise<number> {
  await using writer = await openDuckDb()
  const table = 'result'
  await ensureTable(writer, { table, columns: unloaded.columns.map(({ name, type }) => ({ name, type })) })
  const rows = [sql`SELECT * FROM ${tableRef(table)}`, ...unloaded.files.map((file) => unloadedRows(unloaded, file))]
  const written = await copy(writer, sql.join(rows, sql` UNION ALL `), path, options).catch((error: unknown) =>
    Promise.reject(readError(error)),
  )
  checkUnloaded(unloaded, written)
  return written
}

async function streamAndCopy(warehouse: Warehouse, query: Sql, path: string, options: RunOptions): Promise<number> {
  await using writer = await openDuckDb()
  const table = 'result'
  let created = false
  for await (const batch of warehouse.stream(query, options)) {
    if (!created) await ensureTable(writer, { table, columns: specsOf(batch) })
    created = true
    await writer.append(table, batch)
  }
  if (!created) await ensureTable(writer, { table, columns: specsOf(await warehouse.read(query, options)) })
  return await copy(writer, sql`SELECT * FROM ${tableRef(table)}`, path, options)
}

function specsOf(batch: ColumnBatch): readonly ColumnSpec[] {
  return batch.columns.map((column, index) => ({
    name: batch.names[index] ?? `column_${index}`,
    type: column.type,
  }))
}
