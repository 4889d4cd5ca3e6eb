import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDb } from '@martlet/warehouse'
import { sql } from 'kysely'

/** A temporary folder with Parquet files, each made by a query; removed when disposed. */
export async function parquetFolder(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'martlet-energy-'))
  await using warehouse = await openDuckDb()
  for (const [name, query] of Object.entries(files)) {
    await warehouse.run(sql`copy (${sql.raw(query)}) to ${sql.lit(join(path, name))} (format parquet)`)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
