import {
  decimal,
  entity,
  fact,
  featureService,
  featureView,
  openMemoryStore,
  publishRows,
} from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createClient, fixedCatalog, serving, type ServingApp } from '../../src/index.ts'
import { once } from '../support/batch.ts'
import { day, now } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const account = entity('account', { account_id: z.int() })
const entries = fact('mart.entries', {
  columns: { account_id: z.int(), ts: z.date(), k: z.int(), fine: decimal(38, 10), money: decimal(12, 2) },
  entities: [account],
  eventTime: 'ts',
})
const totals = featureView('totals', {
  of: account,
  from: entries,
  every: '1d',
  features: (f) => ({ k: f.sum('k').lifetime(), fine: f.sum('fine').lifetime(), money: f.max('money').lifetime() }),
})
const exact = featureService('exact', [totals])
const big = 9007199254740993n

async function serveExact(): Promise<ServingApp> {
  const online = openMemoryStore()
  await publishRows(
    online,
    totals.plan,
    once({
      rows: 2,
      names: ['account_id', 'feature_time', 'k', 'fine', 'money'],
      columns: [
        { type: 'bigint', values: BigInt64Array.of(1n, big), nulls: null },
        { type: 'timestamp', values: BigInt64Array.of(20_463n * day, 20_463n * day), nulls: null },
        { type: 'bigint', values: BigInt64Array.of(18014398509481983n, -7n), nulls: null },
        { type: { decimal: [38, 10] }, values: [123456781234567891n, 25_000_000_000n], nulls: null },
        { type: 'double', values: Float64Array.of(1234567890.12, -0.01), nulls: null },
      ],
    }),
  )
  return serving({ catalog: fixedCatalog({ services: [exact.plan] }), online, auth: 'none', now: () => now })
}

test('answers have every digit, as JSON numbers', async () => {
  await using app = await serveExact()
  const response = await post(app, '/v1/features/exact', { keys: [{ account_id: 1 }, { account_id: String(big) }] })
  expect(response.status).toBe(200)
  const text = await response.text()
  expect(text).toContain(
    '"values":{"totals__k":18014398509481983,"totals__fine":12345678.1234567891,"totals__money":1234567890.12}',
  )
  expect(text).toContain('"values":{"totals__k":-7,"totals__fine":2.5,"totals__money":-0.01}')
  expect(text).not.toContain('"12345678')
})

test('a client gets the nearest numbers, or every digit when it asks for them', async () => {
  await using app = await serveExact()
  const fetch = (url: string, init: RequestInit) => app.request(url.replace('http://ml.test', ''), init)
  const options = { url: 'http://ml.test', service: 'exact', fetch } as const
  const keys = [{ account_id: 1 }, { account_id: 2 }]
  const [near, unknown] = await createClient<typeof exact>(options).features(keys)
  const number: number | null | undefined = near?.values.totals__k
  expect(number).toBe(18014398509481984)
  expect(near?.values).toEqual({
    totals__k: 18014398509481984,
    totals__fine: 12345678.123456789,
    totals__money: 1234567890.12,
  })
  expect(unknown?.values.totals__k).toBeNull()
  const [full] = await createClient<typeof exact>({ ...options, exactNumbers: true }).features(keys)
  const digits: number | bigint | string | null | undefined = full?.values.totals__k
  expect(digits).toBe(18014398509481983n)
  expect(full?.values).toEqual({
    totals__k: 18014398509481983n,
    totals__fine: '12345678.1234567891',
    totals__money: 1234567890.12,
  })
  expect(full?.times['totals']?.ageSeconds).toBe(21_600)
})
