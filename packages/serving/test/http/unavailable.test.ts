import {
  applyDefinitions,
  entity,
  fact,
  featureService,
  featureView,
  openMemoryStore,
  planDefinitions,
  publishRows,
  type OnlineStore,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Failure } from '../../src/http/failure.ts'
import { fixedCatalog } from '../../src/index.ts'
import { backing } from '../support/backing.ts'
import { batch, once } from '../support/batch.ts'
import {
  customerProfile,
  customerUsage,
  metered,
  meterVolts,
  nextDay,
  now,
  usage,
  usageOnly,
} from '../support/energy.ts'
import { post, serveEnergy } from '../support/serve.ts'

const keys = [{ customer_id: 'a' }]

test('a view that returned to an older definition and is not materialized yet is a 503 that names it', async () => {
  const { catalog, online, register, promote, serve } = await backing()
  await promote(await register(0))
  const failures: Failure[] = []
  const app = serve({ onError: (failure) => failures.push(failure) })
  const smaller = featureView('customer_usage', {
    of: customerUsage.of,
    from: usage,
    every: '1d',
    ttl: '3d',
    features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
  })
  await publishRows(
    online,
    smaller.plan,
    once(
      batch({
        customer_id: ['text', ['a']],
        feature_time: ['timestamp', [now]],
        kwh_1d: ['double', [2.5]],
        kwh_7d: ['double', [10.25]],
      }),
    ),
  )
  // The definitions say three features, the newest rows have two.
  await applyDefinitions(
    catalog,
    await planDefinitions(catalog, [customerUsage, customerProfile, meterVolts, nextDay, usageOnly, metered]),
  )
  for (const path of ['/v1/features/usage_only', '/v1/models/usage_model/predict']) {
    const response = await post(app, path, { keys })
    expect(response.headers.get('retry-after')).toBe('30')
    expect(await response.json()).toMatchObject({
      status: 503,
      code: 'VIEW_NOT_MATERIALIZED',
      detail: expect.stringMatching(
        /^View customer_usage has not been materialized .*peak_7d.*Materialize customer_usage again\.$/,
      ),
    })
  }
  // It is reported to the operator like any other failure.
  expect(failures).toHaveLength(2)
})

test('a feature whose stored rows have another type is treated likewise', async () => {
  const online = openMemoryStore()
  const customer = entity('customer', { customer_id: z.string() })
  const notes = fact('mart.notes', {
    columns: { customer_id: z.string(), ts: z.date(), note: z.string(), size: z.number() },
    entities: [customer],
    eventTime: 'ts',
  })
  const text = featureView('notes', {
    of: customer,
    from: notes,
    every: '1d',
    features: (f) => ({ newest: f.last('note') }),
  })
  const number = featureView('notes', {
    of: customer,
    from: notes,
    every: '1d',
    features: (f) => ({ newest: f.last('size') }),
  })
  await publishRows(
    online,
    text.plan,
    once(batch({ customer_id: ['text', ['a']], feature_time: ['timestamp', [now]], newest: ['text', ['x']] })),
  )
  const app = await serveEnergy({
    online,
    catalog: fixedCatalog({ services: [featureService('notes', [number]).plan] }),
  })
  expect(await (await post(app, '/v1/features/notes', { keys })).json()).toMatchObject({
    status: 503,
    code: 'VIEW_NOT_MATERIALIZED',
    detail: expect.stringContaining('View notes'),
  })
})

test('an online store that cannot be read is a 503 without its address, whatever its error says', async () => {
  for (const code of ['ONLINE_READ_FAILED', 'ONLINE_STORE_CLOSED', 'ONLINE_TABLE_FAILED']) {
    const broken: OnlineStore = {
      ...openMemoryStore(),
      read: () =>
        Promise.reject(
          new MartletError(code, 'reading table customer_usage of the online store redis://10.0.0.7 failed'),
        ),
    }
    const failures: Failure[] = []
    const app = await serveEnergy({ online: broken, onError: (failure) => failures.push(failure) })
    const response = await post(app, '/v1/features/next_day', { keys })
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'ONLINE_STORE_UNAVAILABLE' })
    expect(text).not.toContain('10.0.0.7')
    expect(failures).toMatchObject([{ error: { code } }])
  }
})

test('a registry or a catalog that cannot be read is a 503 on every route that reads it', async () => {
  const { serve } = await backing()
  const gone = (): Promise<never> => Promise.reject(new Error('disk I/O error at /secret/path'))
  const source = { aliases: () => [], load: gone, models: gone, versions: gone, history: gone }
  const catalog = { ...fixedCatalog({ services: [nextDay.plan] }), progress: gone }
  const app = serve({ registry: source, catalog, onError: () => undefined })
  const answers = [
    ...(await Promise.all(
      [
        '/v1/models',
        '/v1/models/usage_model',
        '/v1/models/usage_model/versions/1',
        '/v1/models/usage_model/aliases/champion/history',
      ].map(async (path) => app.request(path)),
    )),
    await post(app, '/v1/models/usage_model/predict', { keys, version: 1 }),
    await post(app, '/v1/models/usage_model/predict', { keys }),
  ]
  for (const answer of answers) {
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'REGISTRY_UNAVAILABLE' })
    expect(text).not.toContain('/secret')
  }
  expect(await (await app.request('/v1/catalog/views/customer_usage')).json()).toMatchObject({
    status: 503,
    code: 'CATALOG_UNAVAILABLE',
  })
})
