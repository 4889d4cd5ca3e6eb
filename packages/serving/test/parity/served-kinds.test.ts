import { entity, fact, featureService, featureView } from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { customer, customers, readings, servedWorld, today, usageOf } from './served-world.ts'

const columns = { customer_id: z.string(), at: z.date(), kwh: z.number(), tariff: z.string() }
const live = featureView('live', {
  of: customer,
  from: readings,
  every: 'continuous',
  features: (f) => ({ kwh: f.sum('kwh').lifetime() }),
})
const tariff = entity('tariff', { tariff: z.string() })
const load = featureView('load', {
  of: tariff,
  from: fact('mart.readings', { columns, entities: [tariff], eventTime: 'at' }),
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('2d') }),
})
const usage = usageOf()
const parts = {
  views: [live, usage, load],
  service: featureService('kinds', [live, load.via(usage, 'tariff')]),
  fields: ['live__kwh', 'load__kwh_2d'].map((field) => ({ field, type: 'double' as const, missing: 'nan' as const })),
}

test('continuous and looked-up rows as they were served, and why they differ', async () => {
  const world = await servedWorld(parts)
  await world.refresh()
  await world.serve([...customers, 'nobody'])
  const found = async () =>
    Object.fromEntries(
      ((await world.parity()).windows[0]?.parity?.features ?? []).map(({ feature, equal, reasons }) => [
        feature,
        { equal, reasons },
      ]),
    )
  expect(await found()).toEqual({ live__kwh: { equal: 7, reasons: {} }, load__kwh_2d: { equal: 7, reasons: {} } })
  // The run had looked for it, so it came late; and the tariff of all has other readings now.
  await world.readingAt('b', today - 3_600_000, 1)
  expect(await found()).toEqual({
    live__kwh: { equal: 6, reasons: { 'late facts': 1 } },
    load__kwh_2d: { equal: 1, reasons: { 'late facts': 6 } },
  })
  // This one happened after the run, so the store was behind.
  await world.readingAt('c', Date.now(), 1)
  await world.serve(['c'])
  expect(await found()).toMatchObject({ live__kwh: { equal: 6, reasons: { 'store behind': 1, 'late facts': 1 } } })
})
