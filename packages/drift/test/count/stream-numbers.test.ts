import { openDuckDb, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Warehouse } from '@martlet/warehouse'
import { binEdges, EDGE_LEVELS } from '../../src/count/bin-edges.ts'
import { streamNumbers } from '../../src/count/in-process/stream-numbers.ts'
import { countNumbers, type NumberScan } from '../../src/count/scan-numbers.ts'
import { openSource, type ScanSource } from '../../src/count/scan-source.ts'
import { sample, uniform } from '../random.ts'
import { origins, ROWS, strange } from '../strange-columns.ts'
import { tableOf } from '../tables.ts'

const DAY = 86_400_000
const draw = uniform(161)
const start = Date.UTC(2026, 0, 1)
const days = (from: number, to: number) => ({ from: new Date(start + from * DAY), to: new Date(start + to * DAY) })

let warehouse: Warehouse
let table: string
beforeAll(async () => {
  warehouse = await openDuckDb()
  const ts = sample(ROWS, () => (draw() < 0.02 ? null : new Date(start + Math.floor(draw() * 10 * DAY))))
  table = await tableOf(warehouse, { ...strange, ts: { type: 'timestamp', values: ts } })
})
afterAll(() => warehouse.close())

/** Edges as a profile has them, of other numbers than those of most columns. */
const scans = Object.entries(strange).map(([name, { type }]): NumberScan => {
  const origin = origins[name] ?? null
  const spread = origin === null ? 6 : 5000
  const quantiles = EDGE_LEVELS.map((level) => Math.round((level - 0.3) * spread * 8) / 8)
  return { name, type, origin, edges: binEdges(quantiles).edges, centre: quantiles[40] ?? 0 }
})

const hours = sql`(CAST(EXTRACT(hour FROM COALESCE(ts, TIMESTAMP '2026-01-01')) AS BIGINT))`
const sources: Readonly<Record<string, Omit<ScanSource, 'relation'>>> = {
  'all rows': { time: null, windows: [] },
  'one window': { time: 'ts', windows: [days(2, 5)] },
  'windows out of order, with gaps': { time: 'ts', windows: [days(4, 9), days(0, 2), days(2, 3)] },
  'windows, divided by some of the hours': {
    time: 'ts',
    windows: [days(0, 2), days(3, 9)],
    divided: { number: hours, codes: [7, 3, 12] },
  },
  'no rows': { time: 'ts', windows: [days(20, 21), days(22, 23)] },
}

describe('numbers counted in this process are those counted in SQL', () => {
  it.each(Object.entries(sources))('%s', async (_, windows) => {
    const source = openSource(warehouse, { relation: table, ...windows })
    const streamed = await streamNumbers(warehouse, source, scans)
    const counted = await countNumbers(warehouse, source, scans)
    expect(streamed).toHaveLength(scans.length)
    for (const [index, scan] of scans.entries()) {
      expect(streamed[index], scan.name).toHaveLength(source.windows)
      for (const [window, { sums, squares, ...exact }] of (streamed[index] ?? []).entries()) {
        const other = counted[index]?.[window] ?? expect.fail(scan.name)
        expect(exact, scan.name).toEqual({
          rows: other.rows,
          finite: other.finite,
          nulls: other.nulls,
          nan: other.nan,
          positiveInfinite: other.positiveInfinite,
          negativeInfinite: other.negativeInfinite,
          counts: other.counts,
        })
        for (const [bin, square] of squares.entries()) {
          expect(isNear(square, other.squares[bin], square), scan.name).toBe(true)
          // Σ|d| is at most √(n Σd²): differences of both signs cancel in Σd.
          const size = Math.sqrt((exact.counts[bin] ?? 0) * square)
          expect(isNear(sums[bin] ?? Number.NaN, other.sums[bin], size), scan.name).toBe(true)
        }
      }
    }
  })

  it('fails with an error of the engine when a column cannot be read', async () => {
    const source = openSource(warehouse, { relation: table, time: null, windows: [] })
    const absent: NumberScan = { name: 'nowhere', type: 'double', origin: null, edges: [0], centre: 0 }
    await expect(streamNumbers(warehouse, source, [absent])).rejects.toMatchObject({ code: 'SQL_FAILED' })
    // The connection is free again.
    expect(await streamNumbers(warehouse, source, scans.slice(0, 1))).toHaveLength(1)
  })
})

/** Whether two sums of the same numbers, of so great a size, differ by rounding only; beyond the largest double they are the same. */
function isNear(one: number, other: number | undefined, size: number): boolean {
  return one === other || Math.abs(one - (other ?? Number.NaN)) <= 1e-12 * Math.min(size, Number.MAX_VALUE)
}
