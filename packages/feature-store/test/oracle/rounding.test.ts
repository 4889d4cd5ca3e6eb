import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { compileViewRows, entity, fact, featureView } from '../../src/index.ts'
import { agree } from './exact/agree.ts'
import { replaceTable, rowsOf } from './mart-tables.ts'
import { featureRow } from './oracle.ts'

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
  .record({
    mantissa: fc.integer({ min: -1e6, max: 1e6 }).map((i) => i / 1e6),
    exponent: fc.integer({ min: -3, max: 9 }),
  })
  .map(({ mantissa, exponent }) => mantissa * 10 ** exponent)

test('windows of hundreds of doubles of any size are exact to nine digits', { timeout: 120_000 }, async () => {
  await using warehouse = await openTestWarehouse()
  const day = fc.integer({ min: 0, max: 11 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          day,
          value: fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(0) }),
        }),
        { minLength: 1, maxLength: 400, size: 'max' },
      ),
      async (events) => {
        const facts = events.map((event, i) => ({ meter_id: 'm', ts: START + event.day * DAY + i, x: event.value }))
        await replaceTable(warehouse, 'mart.load', { meter_id: 'text', ts: 'timestamp', x: 'double' }, facts)
        const rows = await warehouse.session(async (session) => {
          const compiled = compileViewRows(session, view.plan, { from: BigInt(START), to: BigInt(START + 20 * DAY) })
          for (const statement of compiled.prepare) await session.run(statement)
          return rowsOf(await session.read(compiled.query))
        })
        const first = Math.min(...events.map((event) => event.day))
        expect(rows.length).toBe(20 - first - 1)
        for (const row of rows) {
          const T = Number(row['feature_time'])
          const answers = featureRow({ tables: { 'mart.load': facts } }, view.plan, { meter_id: 'm' }, T)
          for (const { name } of view.plan.features)
            agree(row[name] ?? null, answers?.[name] ?? null, `${name} at ${new Date(T / 1000).toISOString()}`)
        }
      },
    ),
    { numRuns: runsOf(100) },
  )
})
