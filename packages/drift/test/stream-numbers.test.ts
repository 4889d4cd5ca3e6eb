import { openDuckDb, type ColumnInput } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { binEdges, EDGE_LEVELS } from '../src/count/bin-edges.ts'
import { countNumbers, type NumberScan } from '../src/count/scan-numbers.ts'
import { openSource } from '../src/count/scan-source.ts'
import { streamNumbers } from '../src/count/stream-numbers.ts'
import { normal, sample, uniform } from './random.ts'
import { double, tableOf } from './tables.ts'

const ROWS = 3000
const draw = uniform(161)
const gauss = normal(161)
const start = Date.UTC(2026, 0, 1)
const one = (values: readonly (number | null)[]): number | null => values[Math.floor(draw() * values.length)] ?? null

const columns: Readonly<Record<string, ColumnInput>> = {
  normal: double(sample(ROWS, gauss)),
  'with marks': double(sample(ROWS, () => one([Number.NaN, Infinity, -Infinity, null, 1, 2.5, -3, 0, -0]))),
  cauchy: double(sample(ROWS, () => gauss() / gauss())),
  codes: { type: 'integer', values: sample(ROWS, () => one([null, 1, 2, 2, 3, -2_147_483_648])) },
  wide: { type: 'bigint', values: sample(ROWS, () => 2n ** 62n + BigInt(Math.floor(draw() * 5000))) },
  decimals: { type: { decimal: [12, 2] }, values: sample(ROWS, () => (gauss() * 1000).toFixed(2)) },
  nulls: double(sample(ROWS, () => null)),
}

const ranges: Readonly<Record<string, { readonly low: number; readonly high: number }>> = {
  codes: { low: -1, high: 4 },
  decimals: { low: -2000, high: 2000 },
  wide: { low: 0, high: 5000 },
}

it('counts in this process what SQL counts, in each window and division', async () => {
  await using warehouse = await openDuckDb()
  const ts = sample(ROWS, () => (draw() < 0.02 ? null : new Date(start + Math.floor(draw() * 10 * 86_400_000))))
  const table = await tableOf(warehouse, { ...columns, ts: { type: 'timestamp', values: ts } })
  const scans = Object.entries(columns).map(([name, { type }]): NumberScan => {
    const level = (share: number): number => {
      const { low, high } = ranges[name] ?? { low: -3, high: 3 }
      return low + (high - low) * share
    }
    // Codes have bins of their own.
    const quantiles = EDGE_LEVELS.map((share) => (name === 'codes' ? Math.round(level(share)) : level(share)))
    const origin = name === 'wide' ? String(2n ** 62n) : null
    return { name, type, origin, edges: binEdges(quantiles).edges, centre: level(0.4) }
  })
  const days = (from: number, to: number) => ({
    from: new Date(start + from * 86_400_000),
    to: new Date(start + to * 86_400_000),
  })
  for (const source of [
    { relation: table, time: null, windows: [] },
    { relation: table, time: 'ts', windows: [days(4, 9), days(0, 2), days(2, 3)] },
  ]) {
    const open = openSource(warehouse, source)
    const [streamed, counted] = [
      await streamNumbers(warehouse, open, scans),
      await countNumbers(warehouse, open, scans),
    ]
    for (const [index, scan] of scans.entries())
      for (const [window, found] of (streamed[index] ?? []).entries()) {
        const { sums, squares, ...exact } = counted[index]?.[window] ?? expect.fail(scan.name)
        expect(found, scan.name).toMatchObject(exact)
        for (const [bin, sum] of found.sums.entries()) expect(near(sum, sums[bin]), scan.name).toBe(true)
        for (const [bin, square] of found.squares.entries()) expect(near(square, squares[bin]), scan.name).toBe(true)
      }
  }
  const [normals] = await streamNumbers(
    warehouse,
    openSource(warehouse, { relation: table, time: null, windows: [] }),
    scans,
  )
  expect(normals?.[0]?.finite).toBe(ROWS)
})

/** Sums of the same numbers in another order. */
function near(one: number, other: number | undefined): boolean {
  return Math.abs(one - (other ?? Number.NaN)) <= 1e-9 * Math.max(1, Math.abs(one))
}
