import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import { openCatalog, type Catalog } from '../../src/catalog/catalog.ts'

export interface Place {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly path: string
}

/** Runs with a warehouse on the engine under test and a catalog in a folder of its own, which is removed afterwards. */
export async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'martlet-'))
  try {
    await using warehouse =
      testEngine === 'duckdb' ? await openDuckDb({ path: join(path, 'warehouse.duckdb') }) : await openTestWarehouse()
    await using catalog = await openCatalog({ path: join(path, 'catalog.db') })
    await work({ warehouse, catalog, path })
  } finally {
    await rm(path, { recursive: true })
  }
}
