import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { expect, it } from 'vitest'
import { openDuckDb, sql } from '@martlet/warehouse'
import { temporaryFolder } from '../src/temporary-folder.ts'

it('is a folder for this user alone, also after DuckDB wrote to it, and goes with its files', async () => {
  let path = ''
  {
    await using folder = await temporaryFolder()
    path = folder.path
    await writeFile(join(path, 'other'), 'x')
    await using duckdb = await openDuckDb()
    await duckdb.run(
      sql`COPY (SELECT 1 AS c0) TO ${sql.lit(path)} (FORMAT parquet, FILE_SIZE_BYTES '1MB', OVERWRITE_OR_IGNORE)`,
    )
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o700)
  }
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
})
