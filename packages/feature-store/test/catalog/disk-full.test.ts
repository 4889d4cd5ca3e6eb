import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { sql } from 'kysely'
import { openDuckDb, rowsOf } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { openSqlite } from '../../src/catalog/sqlite.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { createMart, customerUsage, tableRows } from '../materialize/energy.ts'
import { inPlace } from '../materialize/in-place.ts'
import { failure } from './scratch.ts'

test('a catalog whose disk is full says so and what to do; the rerun ends in the same rows', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse, 8)
    await applyDefinitions(catalog, await planDefinitions(catalog, [customerUsage]))
    const pages = (await sql<{ page_count: number }>`PRAGMA page_count`.execute(catalog.db)).rows[0]?.page_count ?? 0
    await sql`PRAGMA max_page_count = ${sql.lit(pages)}`.execute(catalog.db)
    const run = { warehouse, catalog, views: [customerUsage], now: '2024-01-08T06:00Z', chunk: { instants: 1 } }
    const error = await failure(materialize(run))
    expect(error).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(
        /The disk of the catalog .*catalog\.db is full\. Free some space and run the same command again/,
      ),
    })
    await sql`PRAGMA max_page_count = 1000000`.execute(catalog.db)
    await materialize(run)
    expect((await listRuns(catalog.db)).filter(({ outcome }) => outcome === 'running')).toEqual([])
    const rerun = await tableRows(warehouse, customerUsage)
    await inPlace(async (other) => {
      await createMart(other.warehouse, 8)
      await materialize({ ...run, ...other })
      expect(rerun).toEqual(await tableRows(other.warehouse, customerUsage))
    })
  }))

// Only who may mount has a disk that is really full.
const folder = mkdtempSync(join(tmpdir(), 'martlet-full-'))
const mounted = ((): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    rmSync(folder, { recursive: true })
    return false
  }
})()

test.skipIf(!mounted)('a catalog on a disk that is full before it is opened says so and what to do', async () => {
  const path = join(folder, 'catalog.db')
  await openSqlite<Record<string, never>>(path).destroy()
  const rest = join(folder, 'rest')
  expect(() => writeFileSync(rest, Buffer.alloc(8 << 20))).toThrow('ENOSPC')
  expect(() => openSqlite(path)).toThrow(
    expect.objectContaining({
      code: 'DISK_FULL',
      message: expect.stringContaining(`The disk of the catalog ${path} is full`),
    }),
  )
  rmSync(rest)
  await openSqlite<Record<string, never>>(path).destroy()
})

test.skipIf(!mounted)('an online store that is made on a full disk says so instead of ending the process', async () => {
  const path = join(folder, 'online')
  const rest = join(folder, 'rest')
  expect(() => writeFileSync(rest, Buffer.alloc(8 << 20))).toThrow('ENOSPC')
  const opening = `import { openLmdbStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/online/lmdb/lmdb-store.ts'))}
    try { openLmdbStore({ path: ${JSON.stringify(path)} }) } catch (error) { console.log(error.code, error.message) }`
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--conditions=@martlet/source', '--input-type=module', '--eval', opening],
    { encoding: 'utf8' },
  )
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(/^ONLINE_STORE_OPEN_FAILED .*ENOSPC.*on a disk with space\?/),
  ])
  rmSync(rest)
  await openLmdbStore({ path }).close()
  rmSync(path, { recursive: true })
})

test.skipIf(!mounted)('a warehouse whose disk is full says so and what to do', async () => {
  try {
    await using warehouse = await openDuckDb({ path: join(folder, 'small.duckdb') })
    await warehouse.run(sql`CREATE TABLE t AS SELECT 1 AS i`)
    const error = await failure(warehouse.run(sql`CREATE TABLE big AS SELECT random() AS x FROM range(5000000)`))
    expect(error).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('Free some space and run the statement again'),
    })
    expect(rowsOf(await warehouse.read(sql`SELECT i FROM t`))).toEqual([{ i: 1 }])
  } finally {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true })
  }
})
