import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { compileViewRows, entity, fact, featureView } from '../../src/index.ts'
import { replaceTable, rowsOf } from './mart-tables.ts'

const DAY = 86_400_000_000
const START = Date.UTC(2024, 0, 1) * 1000
const meter = entity('meter', { meter_id: z.string() })
const load = fact('mart.load', {
  columns: { meter_id: z.string(), ts: z.date(), x: z.number() },
  entities: [meter],
  eventTime: 'ts',
})
const view = featureView('load', {
  of: meter,
  from: load,
  every: '1d',
  features: (f) => ({ x: f.sum('x').over('1d', '3d'), n: f.count().over('3d'), spread: f.variance('x').over('3d') }),
})

/** Magnitudes from 1e-3 to 1e9, so that small windows stand beside large running totals. */
const value = fc
  .record({ mantissa: fc.double({ min: -1, max: 1, noNaN: true }), exponent: fc.integer({ min: -3, max: 9 }) })
  .map(({ mantissa, exponent }) => mantissa * 10 ** exponent)

test(
  'sums of any doubles stay within the rounding of the running total, and empty or zero windows are exactly 0',
  { timeout: 120_000 },
  async () => {
    await using warehouse = await openTestWarehouse()
    const day = fc.integer({ min: 0, max: 11 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            day,
            value: fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(0) }),
          }),
          { minLength: 1, maxLength: 400 },
        ),
        async (events) => {
          await replaceTable(
            warehouse,
            'mart.load',
            { meter_id: 'text', ts: 'timestamp', x: 'double' },
            events.map((event, i) => ({ meter_id: 'm', ts: START + event.day * DAY + i, x: event.value })),
          )
          const rows = await warehouse.session(async (session) => {
            const compiled = compileViewRows(session, view.plan, { from: BigInt(START), to: BigInt(START + 20 * DAY) })
            for (const statement of compiled.prepare) await session.run(statement)
            return rowsOf(await session.read(compiled.query))
          })
          const total = events.reduce((sum, event) => sum + Math.abs(event.value), 0)
          for (const row of rows) {
            const last = (Number(row['feature_time']) - START) / DAY
            for (const [name, length] of [
              ['x_1d', 1],
              ['x_3d', 3],
            ] as const) {
              const inside = events
                .filter((event) => event.day >= last - length && event.day < last)
                .map((event) => event.value)
              const actual = Number(row[name])
              // Each running total of n terms is off by at most n·2^-53·Σ|x|; a window is the difference of two.
              expect(Math.abs(actual - exactSum(inside))).toBeLessThanOrEqual(2 * events.length * 2 ** -53 * total)
              if (inside.every((one) => one === 0)) expect(actual).toBe(0)
            }
            const three = events
              .filter((event) => event.day >= last - 3 && event.day < last)
              .map((event) => event.value)
            expect(row['n_3d']).toBe(three.length)
            if (three.length > 1 && new Set(three).size === 1) expect(row['spread_3d']).toBe(0)
          }
        },
      ),
      { numRuns: runsOf(100) },
    )
  },
)

/** Neumaier's sum: the error does not grow with the number of terms. */
function exactSum(values: readonly number[]): number {
  let sum = 0
  let lost = 0
  for (const one of values) {
    const next = sum + one
    lost += Math.abs(sum) >= Math.abs(one) ? sum - next + one : one - next + sum
    sum = next
  }
  return sum + lost
}
