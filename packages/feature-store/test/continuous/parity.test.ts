import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { openCatalog, openLmdbStore } from '../../src/index.ts'
import { parityRun } from './parity-run.ts'

test('what is served at random instants is what a training set has for them', { timeout: 120_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const folder = await mkdtemp(join(tmpdir(), 'martlet-continuous-'))
  await using warehouse = await openTestWarehouse()
  try {
    await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    const open = () => openLmdbStore({ path: join(folder, 'online') })
    const { differences, found, ...counts } = await parityRun({
      warehouse,
      catalog,
      open,
      reads: 300,
      readsEach: 10,
      seed,
      accounts: 12,
    })
    expect(differences.slice(0, 10), `seed ${seed}, ${JSON.stringify(counts)}`).toEqual([])
    expect(found).toBeGreaterThan(100)
    expect(counts.publications).toBeGreaterThan(0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
