import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { sql } from 'kysely'
import { openDuckDb } from '../duckdb/open-duckdb.ts'
import type { ColumnBatch, ColumnSpec } from '../column.ts'
import { ensureTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import type { Sql, Warehouse } from '../warehouse.ts'

/** Writes the result of a query to a Parquet file (zstd), replacing it only when all is written. */
export async function writeParquet(warehouse: Warehouse, query: Sql, path: string): Promise<{ readonly rows: number }> {
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const rows = warehouse.engine === 'duckdb' ? await copy(warehouse, query, unfinished) : await copyThroughDuckDb(warehouse, query, unfinished)
    await rename(unfinished, path)
    return { rows }
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

function copy(warehouse: Warehouse, query: Sql, path: string): Promise<number> {
  return warehouse.run(sql`COPY (${query}) TO ${sql.lit(path)} (FORMAT parquet, COMPRESSION zstd)`)
}

async function copyThroughDuckDb(warehouse: Warehouse, query: Sql, path: string): Promise<number> {
  await using writer = await openDuckDb()
  const table = 'result'
  let created = false
  for await (const batch of warehouse.stream(query)) {
    if (!created) await ensureTable(writer, { table, columns: specsOf(batch) })
    created = true
    await writer.append(table, batch)
  }
  if (!created) await ensureTable(writer, { table, columns: specsOf(await warehouse.read(query)) })
  return await copy(writer, sql`SELECT * FROM ${tableRef(table)}`, path)
}

function specsOf(batch: ColumnBatch): readonly ColumnSpec[] {
  return batch.columns.map((column, index) => ({ name: batch.names[index] ?? `column_${index}`, type: column.type }))
}
