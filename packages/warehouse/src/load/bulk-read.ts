import type { ColumnBatch } from '../column.ts'
import { exactFile } from '../duckdb/exact-file.ts'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import { MartletError } from '../errors.ts'
import type { StreamOptions, Warehouse } from '../warehouse.ts'
import { isBulk } from '../bulk-warehouse.ts'
import type { UnloadedFiles } from '../bulk-warehouse.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * The rows of a large query in batches, like `stream`, in any order. Snowflake writes them to Parquet files, which are
 * first downloaded to a temporary folder: the result has to fit on this disk. A query that orders its rows is streamed.
 * @throws MartletError STAGE_GET_FAILED when the files cannot be downloaded
 * @throws MartletError RESULT_BROKEN when rows are missing
 */
export async function* bulkRead(
  warehouse: Warehouse,
  query: Sql,
  options: StreamOptions = {},
): AsyncGenerator<ColumnBatch> {
  await using folder = await temporaryFolder()
  const unloaded = isBulk(warehouse) ? await warehouse.unload(query, folder.path, options) : undefined
  if (unloaded === undefined) {
    yield* warehouse.stream(query, options)
    return
  }
  await using reader = await openDuckDb()
  let seen = 0
  for (const file of unloaded.files) {
    for await (const batch of readable(reader.stream(unloadedRows(unloaded, file), options))) {
      seen += batch.rows
      yield batch
    }
  }
  checkUnloaded(unloaded, seen)
}

/** The rows of one of the files, with the names and types that `read` gives them. */
export function unloadedRows({ columns }: UnloadedFiles, file: string): Sql {
  const cells = columns.map(({ name, cell }) => sql`${cell} AS ${sql.id(name)}`)
  return sql`SELECT ${sql.join(cells)} FROM read_parquet(${exactFile(file)}, hive_partitioning = false)`
}

/** @throws MartletError RESULT_BROKEN when rows of a result are missing */
export function checkUnloaded({ rows }: UnloadedFiles, seen: number): void {
  if (seen !== rows)
    throw new MartletError(
      'RESULT_BROKEN',
      `The result has ${rows} rows, but only ${seen} arrived. Run the query again.`,
      {
        data: { rows, seen },
      },
    )
}

/** What DuckDB says about a file, as `read` would say it about the result. */
export function readError(error: unknown): unknown {
  if (!(error instanceof MartletError) || error.code !== 'SQL_FAILED') return error
  if (/out of range|overflow/i.test(error.message))
    return new MartletError(
      'VALUE_OUT_OF_RANGE',
      `A column holds a whole number that its type cannot hold: ${error.message}. Cast it to DOUBLE in the query.`,
    )
  return new MartletError(
    'RESULT_BROKEN',
    `A file of the result could not be read: ${error.message}. Run the query again.`,
  )
}

async function* readable(batches: AsyncIterable<ColumnBatch>): AsyncGenerator<ColumnBatch> {
  try {
    yield* batches
  } catch (error) {
    throw readError(error)
  }
}
