import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { ColumnBatch, ColumnType } from '../column.ts'
import { exactFile } from '../duckdb/exact-file.ts'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import { ensureTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import { sql } from '../sql.ts'

/** A file without the rows of some keys, written next to the one that it will replace. */
export interface FilteredParquet extends AsyncDisposable {
  readonly rowsBefore: number
  readonly rowsAfter: number
  /** The new file, until it replaces the old one. */
  readonly path: string
  /** Replaces the old file by the new one, atomically. */
  replace(): Promise<void>
}

/**
 * Rewrites a Parquet file without the rows whose key columns hold one of the keys; rows keep their order, columns their
 * names and types. Nothing is written when no row matches.
 * @throws MartletError FILE_COLUMNS_MISSING when the file lacks a key column
 * @throws MartletError SQL_FAILED when the file cannot be read
 */
export async function filterParquet(
  path: string,
  keys: ColumnBatch,
  types: readonly { readonly name: string; readonly type: ColumnType }[],
): Promise<FilteredParquet> {
  await using reader = await openDuckDb()
  const file = sql`read_parquet(${exactFile(path)}, hive_partitioning = false)`
  const names = rowsOf<{ column_name: string }>(
    await reader.read(sql`SELECT column_name FROM (DESCRIBE SELECT * FROM ${file})`),
  ).map((row) => row.column_name)
  const missing = types.filter(({ name }) => !names.some((other) => other.toLowerCase() === name.toLowerCase()))
  if (missing.length > 0) {
    throw new MartletError(
      'FILE_COLUMNS_MISSING',
      `${path} has no column ${missing.map(({ name }) => name).join(', ')}, so its rows cannot be matched with keys.`,
      { data: { path, missing: missing.map(({ name }) => name) } },
    )
  }
  await ensureTable(reader, {
    table: 'erased',
    columns: keys.columns.map(({ type }, index) => ({ name: keys.names[index] ?? '', type })),
  })
  await reader.append('erased', keys)
  const same = types.map(({ name, type }) => {
    const column = reader.leaves.columnType(type)
    return sql`TRY_CAST(${sql.id('f', name)} AS ${column}) = CAST(${sql.id('e', name)} AS ${column})`
  })
  const matches = sql`EXISTS (SELECT 1 FROM ${tableRef('erased')} e WHERE ${sql.join(same, sql` AND `)})`
  const [counted] = rowsOf<{ before: number; after: number }>(
    await reader.read(sql`SELECT COUNT(*) AS before, COUNT(*) FILTER (WHERE NOT ${matches}) AS after FROM ${file} f`),
  )
  const { before: rowsBefore = 0, after: rowsAfter = 0 } = counted ?? {}
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.tmp`
  const remove = (): Promise<void> => rm(unfinished, { force: true })
  try {
    if (rowsAfter < rowsBefore)
      await reader.run(
        sql`
          COPY (SELECT f.*
            FROM ${file} f
            WHERE NOT ${matches}) TO ${sql.lit(unfinished)} (FORMAT parquet, COMPRESSION zstd)
        `,
      )
  } catch (error) {
    await remove()
    throw error
  }
  const replace = async (): Promise<void> => {
    if (rowsAfter === rowsBefore) return
    {
      await using handle = await open(unfinished, 'r')
      await handle.sync()
    }
    await rename(unfinished, path)
  }
  return { rowsBefore, rowsAfter, path: unfinished, replace, [Symbol.asyncDispose]: remove }
}
