import {
  applyDefinitions,
  entity,
  featureService,
  featureView,
  openMemoryStore,
  planDefinitions,
  precomputed,
  publishRows,
  type OnlineStore,
} from '@martlet/feature-store'
import { linearRegressionOnnx, liveModels } from '@martlet/registry'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createClient, fixedCatalog, serving, type ServingApp } from '../../src/index.ts'
import { backing } from '../support/backing.ts'
import { batch, once } from '../support/batch.ts'
import { customerProfile, customerUsage, day, now, publishEnergy } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const customer = customerUsage.of
const tariff = entity('tariff', { tariff: z.string() })
const offers = precomputed('mart.offers', {
  columns: { tariff: z.string(), at: z.date(), price: z.number() },
  entity: tariff,
  time: 'at',
})
const prices = featureView('prices', {
  of: tariff,
  from: offers,
  every: '1d',
  features: (f) => ({ price: f.column('price') }),
})
const advice = precomputed('mart.advice', {
  columns: { customer_id: z.string(), at: z.date(), other: z.string().nullable() },
  entity: customer,
  time: 'at',
})
/** The tariff that a customer was advised to take. */
const advised = featureView('advised', {
  of: customer,
  from: advice,
  every: '1d',
  ttl: '2d',
  features: (f) => ({ other: f.column('other') }),
})
const costs = featureService('costs', [
  prices.via(customerProfile, 'tariff'),
  customerUsage.pick('kwh_7d'),
  prices
    .default({ price: 9 })
    .via(advised.as('friend', { customer_id: 'friend_id' }), 'other')
    .as('friend_price'),
])

async function publish(store: OnlineStore): Promise<void> {
  await publishEnergy(store)
  const today = now - (now % day)
  const time = (age: readonly bigint[]) => ['timestamp', age.map((days) => today - days * day)] as const
  await publishRows(
    store,
    prices.plan,
    once(
      batch({ tariff: ['text', ['flat', 'night "A"']], feature_time: time([0n, 1n]), price: ['double', [0.3, 0.2]] }),
    ),
  )
  await publishRows(
    store,
    advised.plan,
    once(
      batch({
        customer_id: ['text', ['a', 'b', 'c', 'd']],
        feature_time: time([0n, 0n, 5n, 0n]),
        other: ['text', ['flat', null, 'flat', 'gone']],
      }),
    ),
  )
}

async function serveCosts(count: string[][] = []): Promise<ServingApp> {
  const online = openMemoryStore()
  await publish(online)
  const counting: OnlineStore = {
    ...online,
    read: (reads) => {
      count.push(reads.map(({ table, keys }) => `${table}:${keys.length}`))
      return online.read(reads)
    },
  }
  const app = serving({
    catalog: fixedCatalog({ services: [costs.plan] }),
    online: counting,
    auth: 'none',
    now: () => now,
  })
  onTestFinished(() => app.close())
  return app
}

const pair = (customer_id: string, friend_id: string) => ({ customer_id, friend_id })
const keys = [pair('a', 'a'), pair('c', 'b'), pair('d', 'c'), pair('b', 'd'), pair('nobody', 'nobody')]

test('an entity is looked up, and what is not known is named by its step', async () => {
  const response = await post(await serveCosts(), '/v1/features/costs', { keys })
  const { rows } = (await response.json()) as { rows: readonly Record<string, unknown>[] }
  const shown = rows.map(({ values, missing, unresolved = {} }) => ({
    values: Object.values(values as object),
    missing,
    unresolved,
  }))
  const missing = (status: string) => ({ friend_price__price: status })
  expect(shown).toEqual([
    { values: [0.2, 10.25, 0.3], missing: {}, unresolved: {} },
    {
      values: [0.3, null, 9],
      missing: { customer_usage__kwh_7d: 'OUTSIDE_MAX_AGE', ...missing('NOT_FOUND') },
      unresolved: { friend_price: { feature: 'friend__other', status: 'NULL_VALUE' } },
    },
    {
      values: [0.3, null, 9],
      missing: { customer_usage__kwh_7d: 'NOT_FOUND', ...missing('NOT_FOUND') },
      unresolved: { friend_price: { feature: 'friend__other', status: 'OUTSIDE_MAX_AGE' } },
    },
    // The friend of b has a tariff of which no price is known.
    {
      values: [null, 20, 9],
      missing: { prices__price: 'NOT_FOUND', ...missing('NOT_FOUND') },
      unresolved: { prices: { feature: 'customer_profile__tariff', status: 'NULL_VALUE' } },
    },
    {
      values: [null, null, 9],
      missing: { prices__price: 'NOT_FOUND', customer_usage__kwh_7d: 'NOT_FOUND', ...missing('NOT_FOUND') },
      unresolved: {
        prices: { feature: 'customer_profile__tariff', status: 'NOT_FOUND' },
        friend_price: { feature: 'friend__other', status: 'NOT_FOUND' },
      },
    },
  ])
})

test('a request reads the store twice, however many keys and views', async () => {
  const count: string[][] = []
  const app = await serveCosts(count)
  await post(app, '/v1/features/costs', { keys })
  expect(count).toEqual([
    ['customer_usage:5', 'customer_profile:5', 'advised:5'],
    ['prices:2', 'prices:2'],
  ])
  count.length = 0
  // Without what is looked up, once.
  await post(app, '/v1/features/costs', { keys, features: ['customer_usage__kwh_7d'] })
  expect(count).toEqual([['customer_usage:5']])
})

test('a client is typed by the entity that is asked for', async () => {
  const app = await serveCosts()
  const fetch = async (url: string, init: RequestInit): Promise<Response> => app.request(url, init)
  const client = createClient<typeof costs>({ url: 'http://localhost', service: 'costs', fetch })
  const [row] = await client.features([pair('b', 'a')])
  const price: number | undefined = row?.values.friend_price__price
  expect(price).toBe(0.3)
  expect(row?.unresolved?.['prices']?.status).toBe('NULL_VALUE')
  expect(await (await app.request('/v1/catalog/services/costs')).json()).toMatchObject({
    keys: [{ name: 'customer_id' }, { name: 'friend_id' }],
  })
})

test('a model is fed with what is looked up, and pinned to the view that looks it up', async () => {
  const { catalog, registry, online, serve } = await backing()
  await publish(online)
  await applyDefinitions(catalog, await planDefinitions(catalog, [costs], { missing: 'keep' }))
  const { version } = await registry.register({
    model: 'bill',
    onnx: linearRegressionOnnx({
      features: ['prices__price', 'customer_usage__kwh_7d', 'friend_price__price'],
      weights: [10, 1, 100],
      bias: 0,
      impute: [0, 0, 0],
    }),
    service: costs.plan,
    goldenRows: { inputs: [[1, 2, 3]], outputs: { prediction: [312] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'trainer',
  })
  expect(Object.keys(version.definitionHashes).toSorted()).toEqual([
    'customer_profile',
    'customer_usage',
    'friend',
    'friend_price',
    'prices',
  ])
  await registry.setAlias('bill', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  const app = serve()
  await app.start()
  const answer = await post(app, '/v1/models/bill/predict', { keys: [pair('a', 'a'), pair('b', 'd')] })
  const { rows } = (await answer.json()) as { rows: readonly { prediction: { prediction: number } }[] }
  // 2 + 10.25 + 30, and 20 + 900
  expect(rows.map(({ prediction }) => Math.round(prediction.prediction * 100) / 100)).toEqual([42.25, 920])
  // Another definition of the tariff gives other prices.
  const otherProfile = featureView('customer_profile', {
    of: customer,
    from: precomputed('mart.profiles', {
      columns: { customer_id: z.string(), at: z.date(), plan: z.string() },
      entity: customer,
      time: 'at',
    }),
    every: '1d',
    features: (f) => ({ tariff: f.column('plan') }),
  })
  const changed = featureService('costs', [
    prices.via(otherProfile, 'tariff'),
    customerUsage.pick('kwh_7d'),
    prices
      .default({ price: 9 })
      .via(advised.as('friend', { customer_id: 'friend_id' }), 'other')
      .as('friend_price'),
  ])
  const plan = await planDefinitions(catalog, [changed], { missing: 'keep', models: await liveModels(registry) })
  expect(plan.models).toMatchObject([
    {
      outcome: 'kept',
      reasons: ['feature tariff of view customer_profile is computed differently than when the model was trained'],
    },
  ])
  expect(plan.keep.map(({ plan: { name } }) => name)).toEqual(['customer_profile'])
})
