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
  return writeResult(warehouse, query, path, { ...options, format: sql`FORMAT parquet, COMPRESSION zstd` })
}

/**
 * Writes the result of a query to a CSV file with a header (UTF-8, commas), as {@link writeParquet} does. A null is
 * nothing, an empty text is "", times are in UTC.
 * @throws MartletError FILE_NOT_WRITABLE before the query runs, when `path` is a folder or its folder does not exist
 */
export async function writeCsv(
  warehouse: Warehouse,
  query: Sql,
  path: string,
  options: RunOptions = {},
): Promise<{ readonly rows: number }> {
  return writeResult(warehouse, query, path, { ...options, format: sql`FORMAT csv, HEADER` })
}

interface WriteOptions extends RunOptions {
  /** The options of DuckDB's COPY. */
  readonly format: Sql
}

async function writeResult(
  warehouse: Warehouse,
  query: Sql,
  path: string,
  options: WriteOptions,
): Promise<{ readonly rows: number }> {
  await checkWritable(path)
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

/**
 * Checks what is known of a file's place before anything is computed for it.
 * @throws MartletError FILE_NOT_WRITABLE when it is a folder or its folder does not exist
 */
export async function checkWritable(path: unknown): Promise<void> {
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

async function fetchAndCopy(
  warehouse: BulkWarehouse,
  query: Sql,
  path: string,
  options: WriteOptions,
): Promise<number> {
  await using folder = await temporaryFolder()
  const unloaded = await warehouse.unload(query, folder.path, options)
  return await (unloaded === undefined
    ? streamAndCopy(warehouse, query, path, options)
    : copyFiles(unloaded, path, options))
}

function copy(warehouse: Warehouse, query: Sql, path: string, { format, ...run }: WriteOptions): Promise<number> {
  return warehouse.run(sql`COPY (${query}) TO ${sql.lit(path)} (${format})`, run)
}

async function copyFiles(unloaded: UnloadedFiles, path: string, options: WriteOptions): Promise<number> {
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

async function streamAndCopy(warehouse: Warehouse, query: Sql, path: string, options: WriteOptions): Promise<number> {
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
