import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCatalog, type Catalog } from '@martlet/feature-store'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { newSnowflakePlace, openSnowflakeAt } from '../../../warehouse/test/support/snowflake-place.ts'

/** Runs with two connections to one new catalog, in SQLite or in tables on Snowflake. */
export async function withCatalog(work: (catalog: Catalog, other: Catalog) => Promise<void>): Promise<void> {
  if (testEngine === 'duckdb') {
    const folder = await mkdtemp(join(tmpdir(), 'martlet-schedule-'))
    try {
      await using one = await openCatalog({ path: join(folder, 'catalog.sqlite') })
      await using other = await openCatalog({ path: join(folder, 'catalog.sqlite') })
      return await work(one, other)
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  const { address, end } = await newSnowflakePlace()
  const warehouse = await openSnowflakeAt(address)
  try {
    await using one = await openCatalog({ warehouse })
    await using other = await openCatalog({ warehouse })
    await work(one, other)
  } finally {
    await warehouse.close()
    await end()
  }
}
