import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileViewRows } from '../../src/index.ts'
import { agree, rowsOf } from './mart-tables.ts'
import type { Row } from './oracle.ts'
import { buildView, START, viewChoice } from './random-mart.ts'

const runs = Math.ceil(15 * Number(process.env['MARTLET_RUNS'] ?? 1))
const EVENTS = 4_000
const DAY = 86_400_000_000
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

/** Values are multiples of 1/8 up to 8 and at most 4 000 of them: sums are exact and squares round below 1e-9. */
async function loadEvents(seed: number): Promise<void> {
  const random = (salt: number, below: number) => sql`CAST(hash(i * 31 + ${sql.lit(salt + seed * 17)}) % ${sql.lit(below)} AS BIGINT)`
  const time = sql`TIMESTAMP '2024-03-27' + to_hours(${random(1, 8 * 24)}) + to_microseconds(CASE WHEN ${random(2, 3)} = 0 THEN ${random(3, 3_600_000_000)} ELSE 0 END)`
  const late = sql`CASE ${random(4, 6)} WHEN 0 THEN NULL WHEN 1 THEN -${random(5, 40)} WHEN 2 THEN 0 ELSE ${random(5, 80)} END`
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.contracts (region VARCHAR, site_id BIGINT, tariff VARCHAR, level DOUBLE, valid_from TIMESTAMP, valid_to TIMESTAMP)`)
  await warehouse.run(sql`INSERT INTO mart.contracts SELECT 'r', i, 'flat', i, TIMESTAMP '2024-03-28' + to_hours(CAST(i * 5 AS INTEGER)), NULL FROM range(1, 7) r(i)`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.readings AS SELECT 'r' AS region, ${random(6, 6)} AS site_id, ts, ts + to_hours(late) AS arrived, seq, x, n, c FROM (
    SELECT i, ${time} AS ts, ${late} AS late, ${random(7, 4)} AS seq,
      CASE WHEN ${random(8, 12)} = 0 THEN NULL WHEN ${random(8, 12)} = 1 THEN 'NaN'::DOUBLE ELSE (${random(9, 129)} - 64) / 8.0 END AS x,
      ${random(10, 7)} - 3 AS n, CASE ${random(11, 4)} WHEN 0 THEN NULL WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END AS c
    FROM range(${sql.lit(EVENTS)}) r(i)) events`)
}

test('with arrival times, logs and a join of every point with its events give the same rows', { timeout: 600_000 }, async () => {
  let rowsSeen = 0
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), viewChoice, async (seed, choice) => {
    await loadEvents(seed)
    const view = buildView({ ...choice, source: 'late' })
    const range = { from: BigInt(START + DAY), to: BigInt(START + 6 * DAY) }
    const read = (lookup: 'sparse' | 'direct'): Promise<readonly Row[]> => warehouse.session(async (session) => {
      const compiled = compileViewRows(session, view.plan, range, { lookup })
      for (const statement of compiled.prepare) await session.run(statement)
      const found = rowsOf(await session.read(sql`SELECT * FROM (${compiled.query}) q ORDER BY region, site_id, feature_time`))
      for (const statement of compiled.cleanup) await session.run(statement)
      return found
    })
    const logs = await read('sparse')
    const direct = await read('direct')
    expect(logs.length).toBe(direct.length)
    rowsSeen += logs.length
    for (const [i, expected] of direct.entries()) {
      for (const [name, value] of Object.entries(expected)) agree(logs[i]?.[name] ?? null, value, `${name} of row ${i}`)
    }
  }), { numRuns: runs })
  expect(rowsSeen).toBeGreaterThan(0)
})
