import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf, testEngine } from '../../../warehouse/test/support/engine.ts'
import { compileViewRows } from '../../src/index.ts'
import { agree } from './exact/agree.ts'
import { loadMart, rowsOf } from './mart-tables.ts'
import type { Row } from './row.ts'
import { buildView, START, viewChoice } from './random-mart.ts'

const runs = runsOf(15)
const EVENTS = testEngine === 'duckdb' ? 4_000 : 1_000
const HOUR = 3_600_000_000
const DAY = 86_400_000_000
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

async function loadEvents(seed: number): Promise<void> {
  let state = seed
  // mulberry32
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  const late = (): number | null => {
    const kind = below(6)
    return kind === 0 ? null : kind === 1 ? -below(40) : kind === 2 ? 0 : below(80)
  }
  const facts = Array.from({ length: EVENTS }, (): Row => {
    const ts = START + below(8 * 24) * HOUR + (below(3) === 0 ? below(HOUR) : 0)
    const hours = late()
    const x = [null, Number.NaN][below(12)]
    return {
      region: 'r',
      site_id: below(6),
      ts,
      arrived: hours === null ? null : ts + hours * HOUR,
      seq: below(4),
      x: x === undefined ? (below(129) - 64) / 8 : x,
      n: below(7) - 3,
      c: [null, 'a', 'b', 'c'][below(4)] ?? null,
    }
  })
  const contracts = Array.from({ length: 6 }, (_, i): Row => ({
    region: 'r',
    site_id: i + 1,
    tariff: 'flat',
    level: i + 1,
    valid_from: START + DAY + (i + 1) * 5 * HOUR,
    valid_to: null,
  }))
  await loadMart(warehouse, facts, contracts)
}

test(
  'with arrival times, logs, a join of every point with the events of its windows and one with all its events give the same rows',
  { timeout: 600_000 },
  async () => {
    let rowsSeen = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), viewChoice, async (seed, choice) => {
        await loadEvents(seed)
        const view = buildView({ ...choice, source: 'late' })
        const range = { from: BigInt(START + DAY), to: BigInt(START + 6 * DAY) }
        const read = (options: { lookup: 'sparse' | 'direct'; arrivals?: 'join' }): Promise<readonly Row[]> =>
          warehouse.session(async (session) => {
            const compiled = compileViewRows(session, view.plan, range, options)
            for (const statement of compiled.prepare) await session.run(statement)
            const found = rowsOf(
              await session.read(sql`SELECT * FROM (${compiled.query}) q ORDER BY region, site_id, feature_time`),
            )
            for (const statement of compiled.cleanup) await session.run(statement)
            return found
          })
        const logs = await read({ lookup: 'sparse' })
        const joined = await read({ lookup: 'sparse', arrivals: 'join' })
        const direct = await read({ lookup: 'direct' })
        expect(logs.length).toBe(direct.length)
        expect(joined.length).toBe(direct.length)
        rowsSeen += logs.length
        for (const [i, expected] of direct.entries()) {
          for (const [name, value] of Object.entries(expected)) {
            agree(logs[i]?.[name] ?? null, value, `${name} of row ${i} from logs`)
            agree(joined[i]?.[name] ?? null, value, `${name} of row ${i} from the join of windows`)
          }
        }
      }),
      { numRuns: runs },
    )
    expect(rowsSeen).toBeGreaterThan(0)
  },
)
