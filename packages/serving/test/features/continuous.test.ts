import { entity, fact, featureService, featureView, openMemoryStore, source } from '@martlet/feature-store'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { fixedCatalog, serving } from '../../src/index.ts'
import { featuresAnswer } from '../../src/protocol/martlet/feature-answers.ts'
import { post } from '../support/serve.ts'

const account = entity('account', { account_id: z.string() })
const payment = fact('mart.payments', {
  columns: {
    payment_id: z.string(),
    account_id: z.string(),
    at: z.date(),
    arrived_at: z.date(),
    amount: z.number(),
  },
  entities: [account],
  eventTime: 'at',
  knownAt: 'arrived_at',
})
const velocity = featureView('velocity', {
  of: account,
  from: payment,
  every: 'continuous',
  features: (f) => ({ paid: f.sum('amount').over('5m', '1h'), last: f.last('amount').default(-1) }),
  derive: (v) => ({ share: v.paid_5m.div(v.paid_1h) }),
})
const daily = featureView('daily', {
  of: account,
  from: payment,
  every: '1d',
  features: (f) => ({ paid: f.sum('amount').over('7d') }),
})
const payments = source('payments', { into: payment, id: ['payment_id'], arrived: 'arrived_at' })
const fraud = featureService('fraud', [velocity, daily])

const START = Date.UTC(2026, 10, 30, 10)

test('what was pushed is in the next answer, beside rows of a grid, with the instant that closed the windows', async () => {
  let now = START
  const app = serving({
    catalog: fixedCatalog({ services: [fraud.plan] }),
    online: openMemoryStore(),
    sources: [payments],
    auth: 'none',
    now: () => BigInt(now) * 1000n,
  })
  onTestFinished(() => app.close())
  const push = async (id: string, seconds: number, amount: number): Promise<void> => {
    const at = new Date(now - seconds * 1000).toISOString()
    const response = await post(app, '/v1/push/payments', { payment_id: id, account_id: 'a', at, amount })
    expect(await response.json()).toMatchObject({ rejected: [] })
  }
  const ask = async (): Promise<unknown> => {
    const response = await post(app, '/v1/features/fraud', { keys: [{ account_id: 'a' }] })
    const answer = featuresAnswer.parse(await response.json())
    return answer.rows[0]
  }
  expect(await ask()).toMatchObject({
    values: { velocity__paid_5m: null, velocity__last: -1, daily__paid_7d: null },
    missing: { velocity__paid_5m: 'NOT_FOUND', velocity__last: 'NOT_FOUND', daily__paid_7d: 'NOT_FOUND' },
    times: { velocity: null, daily: null },
  })
  await push('p1', 60, 5)
  await push('p2', 1800, 15)
  await push('p1', 60, 5)
  expect(await ask()).toMatchObject({
    values: { velocity__paid_5m: 5, velocity__paid_1h: 20, velocity__last: 5, velocity__share: 0.25 },
    times: {
      velocity: { time: '2026-11-30T09:59:00Z', ageSeconds: 60, closedAt: '2026-11-30T10:00:00Z' },
      daily: null,
    },
  })
  // The same question a little later: nothing was written, and the windows have moved on.
  now += 600_000
  expect(await ask()).toMatchObject({
    values: { velocity__paid_5m: 0, velocity__paid_1h: 20, velocity__share: 0 },
    times: { velocity: { ageSeconds: 660, closedAt: '2026-11-30T10:10:00Z' } },
  })
  await push('p3', 0, 100)
  now += 1
  expect(await ask()).toMatchObject({ values: { velocity__paid_5m: 100, velocity__last: 100 } })

  const feast = await post(app, '/get-online-features', {
    features: ['velocity:paid_5m', 'velocity:share'],
    entities: { account_id: ['a', 'b'] },
  })
  expect(await feast.json()).toMatchObject({
    results: [
      { values: ['a', 'b'] },
      { values: [100, null], statuses: ['PRESENT', 'NOT_FOUND'] },
      { values: [100 / 120, null], statuses: ['PRESENT', 'NOT_FOUND'] },
    ],
  })
})
