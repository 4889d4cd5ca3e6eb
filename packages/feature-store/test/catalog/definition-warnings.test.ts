import { expect, it } from 'vitest'
import { z } from 'zod'
import { dimension, entity, fact, featureService, featureView, openCatalog, planDefinitions } from '../../src/index.ts'

const customer = entity('customer', { customer_id: z.string() })
const columns = { customer_id: z.string(), ts: z.date(), kwh: z.number() }
const usage = fact('mart.usage', { columns, entities: [customer], eventTime: 'ts' })
const profile = dimension('mart.customer', {
  columns: { customer_id: z.string(), tariff: z.string() },
  entity: customer,
})
const calendar = featureView('calendar', { every: '1d', features: (f) => ({ day: f.calendar('dayOfWeek') }) })
const view = (name: string, timing: object) =>
  featureView(name, {
    of: customer,
    from: usage,
    every: '1d',
    ...timing,
    features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
  })

it.each([
  [{}, "Write ttl: '2d' in its definition, or longer; the least is delay + every, '1d'."],
  [{ delay: '1h' }, "Write ttl: '49h' in its definition, or longer; the least is delay + every, '25h'."],
  [
    { every: '6h', delay: '90m' },
    "Write ttl: '810m' in its definition, or longer; the least is delay + every, '450m'.",
  ],
  [{ every: '0.5m' }, "Write ttl: '1m' in its definition, or longer; the least is delay + every, '0.5m'."],
])('a view with %o and no ttl is warned about, with a ttl that can be written', async (timing, advice) => {
  await using catalog = await openCatalog({ path: ':memory:' })
  const { warnings } = await planDefinitions(catalog, [view('usage', timing)])
  expect(warnings).toEqual([
    {
      code: 'NO_TTL',
      view: 'usage',
      message: expect.stringContaining('view usage has no ttl: rows of any age are served'),
    },
  ])
  expect(warnings[0]?.message).toContain(advice)
  const [first, least] = [...advice.matchAll(/'([^']+)'/g)].map(([, text]) => text)
  for (const ttl of [first, least])
    expect((await planDefinitions(catalog, [view('usage', { ...timing, ttl })])).warnings).toEqual([])
})

it('each view is warned about once, whether given, mentioned by a service or unchanged; a calendar is not', async () => {
  await using catalog = await openCatalog({ path: ':memory:' })
  const attributes = featureView('attributes', {
    of: customer,
    from: profile,
    every: '1d',
    features: (f) => ({ tariff: f.attribute('tariff', { withoutHistory: 'allow' }) }),
  })
  const [old, other] = [view('old', {}), view('fresh', { ttl: '3d' })]
  const plan = await planDefinitions(catalog, [
    old,
    featureService('a', [old, other, calendar]),
    featureService('b', [old, attributes]),
  ])
  expect(plan.warnings.map((warning) => warning.view).toSorted()).toEqual(['attributes', 'old'])
})
