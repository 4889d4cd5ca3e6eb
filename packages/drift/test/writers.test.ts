import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDb, rowsOf, writeParquet, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../warehouse/test/support/engine.ts'
import { profileReference, recordDrift, runDrift, storeProfile, type ReferenceProfile } from '../src/index.ts'
import { withCurrentRows } from '../src/monitor/current-rows.ts'
import { normal, sample } from './random.ts'
import { double, now, tableOf } from './tables.ts'

let warehouse: Warehouse
let profile: ReferenceProfile
let table: string
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  table = await tableOf(warehouse, { x: double(sample(200, normal(1))) })
  profile = await profileReference(warehouse, {
    name: 'p',
    relation: table,
    columns: [{ name: 'x', type: 'double' }],
    now,
  })
})
afterAll(() => warehouse.close())

const counted = async (from: string): Promise<number | undefined> =>
  rowsOf<{ n: number }>(await warehouse.read(sql`SELECT count(*) AS n FROM ${sql.table(from)}`))[0]?.n

describe('writers at the same instant', () => {
  it('keep one profile of a name and time', async () => {
    await storeProfile(warehouse, profile)
    for (const name of ['a', 'b', 'c', 'd'])
      await Promise.all([1, 2, 3].map(() => storeProfile(warehouse, { ...profile, name })))
    expect(await counted('monitoring.reference_profiles')).toBe(5)
  })
  it('keep one record of a window', async () => {
    const result = await runDrift({ warehouse, profile, current: { relation: table }, monitor: 'm', now })
    const once = await counted('monitoring.drift_results')
    for (const monitor of ['a', 'b', 'c'])
      await Promise.all([1, 2, 3].map(() => recordDrift(warehouse, { ...result, monitor })))
    expect(await counted('monitoring.drift_results')).toBe(4 * (once ?? 0))
  })
})

describe('the rows of a serving log', () => {
  it.each(['log.jsonl', 'log.parquet'])(
    '%s: are in a table of the session only, which ends with it whatever happens',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'martlet-drift-'))
      const file = join(folder, name)
      if (name.endsWith('.jsonl')) await writeFile(file, `${JSON.stringify({ time: now, values: { x: 1 } })}\n`)
      else {
        await using source = await openDuckDb()
        await writeParquet(source, sql`SELECT 1.0::DOUBLE AS x, TIMESTAMP '2026-03-01' AS time`, file)
      }
      await withCurrentRows(warehouse, { log: [file] }, profile, async (session, { relation }) => {
        expect(typeof relation).toBe('string')
        if (typeof relation !== 'string') return
        expect((await session.read(sql`SELECT x FROM ${sql.table(relation)}`)).rows).toBe(1)
        expect(await warehouse.introspect(relation)).toBeUndefined()
      })
      await rm(folder, { recursive: true })
    },
  )
})
