import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordDrift, runDrift, type ReferenceProfile } from '../../src/index.ts'
import { day, now, openTrained, rowsFrom, start, tableOfRows, windowsFrom } from './trained-rows.ts'

let warehouse: Warehouse
let profile: ReferenceProfile

beforeAll(async () => {
  ;({ warehouse, profile } = await openTrained())
})
afterAll(async () => {
  await warehouse.close()
})

describe('the record', () => {
  it('holds every window once, however often it is run, and the same again', async () => {
    const rows = [...rowsFrom(5, start + 30 * day, 3), ...rowsFrom(6, start + 33 * day, 2, 2)]
    const relation = await tableOfRows(warehouse, rows, { time: 'ts', kwh: 'usage__kwh_7d', tariff: 'usage__tariff' })
    const run = (first: number, count: number) =>
      runDrift({
        warehouse,
        profile,
        current: { relation, time: 'ts' },
        windows: windowsFrom(start + first * day, count),
        monitor: 'nightly',
        now,
      })
    const read = async () =>
      rowsOf(
        await warehouse.read(
          sql`SELECT * FROM monitoring.drift_results WHERE monitor = 'nightly' ORDER BY window_from, column_name, metric`,
        ),
      )
    const result = await run(30, 5)
    const once = await read()
    await run(30, 5)
    await run(32, 2)
    expect(await read()).toEqual(once)
    expect(new Set(once.map((row) => String(row['window_from']))).size).toBe(5)
    expect(result.since).toBe(new Date(start + 33 * day).toISOString())
    expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'drift', 'drift'])
  })
  it('keeps runs over all rows apart from runs over windows', async () => {
    const relation = await tableOfRows(warehouse, rowsFrom(7, start + 30 * day, 1), {
      time: 'ts',
      kwh: 'usage__kwh_7d',
      tariff: 'usage__tariff',
    })
    const result = await runDrift({ warehouse, profile, current: { relation, ignore: ['ts'] }, monitor: 'whole', now })
    expect((await recordDrift(warehouse, result)).rows).toBeGreaterThan(0)
    const [count] = rowsOf<{ n: number }>(
      await warehouse.read(
        sql`SELECT count(*) AS n FROM monitoring.drift_results WHERE monitor = 'whole' AND column_name IS NULL`,
      ),
    )
    expect(count?.n).toBe(1)
  })
})
