import { applyDefinitions, featureService, featureView, planDefinitions, publishRows } from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { backing, trustedRuntime } from './support/backing.ts'
import { batch, once } from './support/batch.ts'
import { customerProfile, customerUsage, metered, meterVolts, nextDay, now, usage } from './support/energy.ts'
import { post } from './support/serve.ts'

const keys = [{ customer_id: 'a' }]

test('shows views and services as they were applied', async () => {
  const { serve } = await backing()
  const app = serve()
  const get = async (path: string) => (await app.request(path)).json()
  expect(await get('/v1/catalog')).toMatchObject({
    views: [
      { name: 'customer_profile' },
      { name: 'customer_usage', entity: 'customer', keys: [{ name: 'customer_id', type: 'text' }], features: 3 },
      { name: 'meter_volts' },
    ],
    services: [
      { name: 'metered', views: ['meter_volts', 'customer_usage'], features: 4 },
      { name: 'next_day' },
      { name: 'usage_only' },
    ],
  })
  expect(await get('/v1/catalog/views/customer_usage')).toEqual({
    name: 'customer_usage',
    entity: 'customer',
    keys: [{ name: 'customer_id', type: 'text' }],
    source: 'mart.fact_usage',
    every: 86_400,
    zone: 'UTC',
    delay: 0,
    ttl: 259_200,
    repair: 0,
    features: [
      { name: 'kwh_1d', kind: 'aggregate', type: 'double', nullable: false },
      { name: 'kwh_7d', kind: 'aggregate', type: 'double', nullable: false },
      { name: 'peak_7d', kind: 'aggregate', type: 'double', nullable: true },
    ],
    hash: customerUsage.plan.hash,
    progress: { watermark: null, published: null, lastRun: null },
  })
  expect(await get('/v1/catalog/services/metered')).toMatchObject({
    name: 'metered',
    keys: [
      { name: 'meter_id', type: 'bigint' },
      { name: 'customer_id', type: 'text' },
    ],
    fields: [
      { name: 'meter_volts__volts_7d', view: 'meter_volts', feature: 'volts_7d', type: 'double', nullable: true },
      {},
      {},
      {},
    ],
    hash: metered.plan.hash,
  })
})

test('a service applied while serving is served, and a removed one is not, without a restart', async () => {
  const { catalog, serve } = await backing()
  const app = serve()
  expect((await post(app, '/v1/features/profile_only', { keys })).status).toBe(404)
  const views = [customerUsage, customerProfile, meterVolts]
  const profileOnly = featureService('profile_only', [customerProfile])
  await applyDefinitions(catalog, await planDefinitions(catalog, [...views, nextDay, profileOnly]))
  await app.refresh()
  expect(await (await post(app, '/v1/features/profile_only', { keys })).json()).toMatchObject({
    rows: [{ values: { customer_profile__household: 3 } }],
  })
  expect((await post(app, '/v1/features/metered', { keys })).status).toBe(404)
})

test('a catalog that cannot be read leaves the definitions in place, and readiness says so', async () => {
  const { online, serve } = await backing()
  let broken = false
  const source = {
    revision: () => (broken ? Promise.reject(new Error('disk I/O error at /secret/path')) : Promise.resolve('1')),
    definitions: () => ({ views: [], services: [nextDay.plan] }),
  }
  const app = serve({ catalog: source, online })
  await app.start()
  broken = true
  await app.refresh()
  expect((await post(app, '/v1/features/next_day', { keys })).status).toBe(200)
  const ready = await app.request('/health/ready')
  expect(ready.status).toBe(200)
  const text = await ready.text()
  expect(text).toContain('The definitions loaded before are served.')
  expect(text).not.toContain('/secret/path')
})

test('a model whose views were redefined continues to answer, and readiness and metrics show it', async () => {
  const { catalog, online, register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  const app = serve()
  await app.start()
  const changed = featureView('customer_usage', {
    of: customerUsage.of,
    from: usage,
    every: '1d',
    ttl: '2d',
    features: (f) => ({
      kwh: f.sum('kwh').over('1d', '7d'),
      peak: f.max('kwh').over('7d'),
      mean: f.mean('kwh').over('7d'),
    }),
  })
  const definitions = [changed, customerProfile, featureService('usage_only', [changed])]
  await applyDefinitions(catalog, await planDefinitions(catalog, definitions))
  await app.refresh()
  expect(await (await post(app, '/v1/models/usage_model/predict', { keys })).json()).toMatchObject({
    version: 1,
    rows: [{ prediction: { prediction: 34 } }],
  })
  expect(await (await app.request('/health/ready')).json()).toMatchObject({
    checks: {
      'model:usage_model': {
        ok: true,
        detail: 'The definition of customer_usage has changed since version 1 was registered.',
      },
    },
  })
  expect(await (await app.request('/metrics')).text()).toMatch(
    /martlet_model_definitions_changed\{model="usage_model"\} 1/,
  )
  // Rows written under the new definition are also read for the old model.
  await publishRows(
    online,
    changed.plan,
    once(
      batch({
        customer_id: ['text', ['a']],
        feature_time: ['timestamp', [now]],
        kwh_1d: ['double', [2.5]],
        kwh_7d: ['double', [10.25]],
        peak_7d: ['double', [4]],
        mean_7d: ['double', [1]],
      }),
    ),
  )
  expect(await (await post(app, '/v1/models/usage_model/predict', { keys })).json()).toMatchObject({
    rows: [{ prediction: { prediction: 35 } }],
  })
})

test('a feature removed from the service is still read from its view; one removed from the view makes the model a 503', async () => {
  const { catalog, register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  const app = serve()
  await app.start()
  const smaller = featureService('usage_only', [customerUsage.pick('kwh_1d', 'kwh_7d')])
  await applyDefinitions(catalog, await planDefinitions(catalog, [smaller, nextDay, metered]))
  await app.refresh()
  expect(await (await post(app, '/v1/models/usage_model/predict', { keys })).json()).toMatchObject({
    service: 'usage_only',
    rows: [{ prediction: { prediction: 34 } }],
  })
  await applyDefinitions(catalog, await planDefinitions(catalog, [customerUsage, customerProfile]))
  await app.refresh()
  expect(await (await post(app, '/v1/models/usage_model/predict', { keys })).json()).toMatchObject({
    service: 'usage_only',
    rows: [{ prediction: { prediction: 34 } }],
  })
  const gone = featureView('customer_usage', {
    of: customerUsage.of,
    from: usage,
    every: '1d',
    ttl: '3d',
    features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
  })
  await applyDefinitions(catalog, await planDefinitions(catalog, [featureService('usage_only', [gone])]))
  await app.refresh()
  const response = await post(app, '/v1/models/usage_model/predict', { keys })
  expect(await response.json()).toMatchObject({
    status: 503,
    code: 'MODEL_SERVICE_CHANGED',
    detail: expect.stringContaining('customer_usage__peak_7d'),
  })
  const ready = await app.request('/health/ready')
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({
    checks: { 'model:usage_model': { ok: false, detail: expect.stringContaining('customer_usage__peak_7d') } },
  })
})

test('the history of an alias shows what was live when', async () => {
  const { register, promote, registry, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  await promote(await register(1))
  await registry.rollback('usage_model', 'champion', { reason: 'worse', actor: 'tester' })
  const app = serve()
  const path = '/v1/models/usage_model/aliases/champion/history'
  expect(await (await app.request(path)).json()).toMatchObject({
    version: 1,
    moves: [
      { kind: 'rollback', from: 2, to: 1, actor: 'tester', reason: 'worse' },
      { kind: 'set', from: 1, to: 2 },
      { kind: 'set', from: null, to: 1 },
    ],
  })
  expect(await (await app.request(`${path}?at=2001-01-01T00:00:00Z`)).json()).toMatchObject({
    version: null,
    moves: [],
  })
  expect(await (await app.request('/v1/models')).json()).toEqual({
    models: [
      {
        name: 'usage_model',
        aliases: [{ alias: 'champion', version: 1 }],
        description: '',
        tags: {},
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      },
    ],
  })
  expect(await (await app.request('/v1/models/usage_model/versions/1')).json()).toMatchObject({
    metrics: { rmse: 0.5 },
    features: [{ name: 'customer_usage__kwh_1d', type: 'double', missing: 'nan' }, {}, {}],
    outputs: [{ name: 'prediction', type: 'float32' }],
  })
})
