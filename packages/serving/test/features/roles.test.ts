import { applyDefinitions, featureService, openMemoryStore, planDefinitions } from '@martlet/feature-store'
import { linearRegressionOnnx, liveModels } from '@martlet/registry'
import { expect, onTestFinished, test } from 'vitest'
import { createClient, fixedCatalog, serving, type ServingApp } from '../../src/index.ts'
import { backing } from '../support/backing.ts'
import { customerProfile, customerUsage, now, publishEnergy } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const buyer = customerUsage.pick('kwh_7d').as('buyer', { customer_id: 'buyer_id' })
const seller = customerUsage
  .as('seller', { customer_id: 'seller_id' })
  .pick('peak_7d', 'kwh_7d')
  .default({ peak_7d: -1 })
const trade = featureService('trade', [buyer, seller, customerProfile.pick('household')])

async function serveTrade(): Promise<ServingApp> {
  const online = openMemoryStore()
  await publishEnergy(online)
  const app = serving({ catalog: fixedCatalog({ services: [trade.plan] }), online, auth: 'none', now: () => now })
  onTestFinished(() => app.close())
  return app
}

const keys = [
  { buyer_id: 'a', seller_id: 'b', customer_id: 'c' },
  { buyer_id: 'b', seller_id: 'c', customer_id: 'nobody' },
]

test('a view is read once per role, each by its own key', async () => {
  const app = await serveTrade()
  const response = await post(app, '/v1/features/trade', { keys })
  const { rows } = (await response.json()) as { rows: readonly Record<string, unknown>[] }
  expect(rows.map(({ values, missing }) => ({ values, missing }))).toEqual([
    {
      values: { buyer__kwh_7d: 10.25, seller__peak_7d: -1, seller__kwh_7d: 20, customer_profile__household: 2 },
      missing: { seller__peak_7d: 'NULL_VALUE' },
    },
    {
      values: { buyer__kwh_7d: 20, seller__peak_7d: -1, seller__kwh_7d: null, customer_profile__household: null },
      missing: {
        seller__peak_7d: 'OUTSIDE_MAX_AGE',
        seller__kwh_7d: 'OUTSIDE_MAX_AGE',
        customer_profile__household: 'NOT_FOUND',
      },
    },
  ])
  expect(Object.keys(rows[0]?.['times'] as object)).toEqual(['buyer', 'seller', 'customer_profile'])
  const some = await post(app, '/v1/features/trade', { keys, features: ['seller__kwh_7d', 'buyer__kwh_7d'] })
  expect(await some.json()).toMatchObject({ rows: [{ values: { buyer__kwh_7d: 10.25, seller__kwh_7d: 20 } }, {}] })
})

test('a request names the columns of the roles, and the catalog lists them', async () => {
  const app = await serveTrade()
  const refused = await post(app, '/v1/features/trade', { keys: [{ customer_id: 'a', seller_id: 'b' }] })
  expect(await refused.json()).toMatchObject({ status: 400, code: 'KEY_MISSING', path: 'keys[0].buyer_id' })
  expect(await (await app.request('/v1/catalog/services/trade')).json()).toMatchObject({
    keys: [{ name: 'buyer_id' }, { name: 'seller_id' }, { name: 'customer_id' }],
    fields: [{ name: 'buyer__kwh_7d', view: 'buyer' }, {}, {}, {}],
  })
})

test('a client has the keys and the names of roles', async () => {
  const app = await serveTrade()
  const fetch = async (url: string, init: RequestInit): Promise<Response> => app.request(url, init)
  const client = createClient<typeof trade>({ url: 'http://localhost', service: 'trade', fetch })
  const [row] = await client.features(keys)
  const peak: number | undefined = row?.values.seller__peak_7d
  expect(peak).toBe(-1)
  // @ts-expect-error the key of a role is missing
  await expect(client.features([{ buyer_id: 'a', customer_id: 'c' }])).rejects.toMatchObject({ code: 'KEY_MISSING' })
})

test('a model is fed by role, from the definition that it was trained on', async () => {
  const { catalog, registry, online, serve } = await backing()
  await publishEnergy(online)
  await applyDefinitions(catalog, await planDefinitions(catalog, [trade], { missing: 'keep' }))
  await registry.register({
    model: 'deals',
    onnx: linearRegressionOnnx({
      features: ['buyer__kwh_7d', 'seller__peak_7d', 'seller__kwh_7d', 'customer_profile__household'],
      weights: [1, 100, 10, 1000],
      bias: 0,
      impute: [0, 0, 0, 0],
    }),
    service: trade.plan,
    goldenRows: { inputs: [[1, 2, 3, 4]], outputs: { prediction: [4231] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'trainer',
  })
  await registry.setAlias('deals', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  const app = serve()
  await app.start()
  const predicted = await post(app, '/v1/models/deals/predict', { keys })
  // 10.25 - 100 + 200 + 2000, and 20 - 100
  expect(await predicted.json()).toMatchObject({
    rows: [{ prediction: { prediction: 2110.25 } }, { prediction: { prediction: -80 } }],
  })
  const without = featureService('trade', [buyer, customerProfile.pick('household')])
  const plan = await planDefinitions(catalog, [without, customerUsage], {
    missing: 'keep',
    models: await liveModels(registry),
  })
  expect(plan.models).toMatchObject([
    { outcome: 'breaks', reasons: ['service trade does not have view customer_usage as seller any more'] },
  ])
  await applyDefinitions(catalog, plan, { allowBreaking: true })
  await app.refresh()
  expect(await (await post(app, '/v1/models/deals/predict', { keys })).json()).toMatchObject({
    status: 503,
    code: 'MODEL_SERVICE_CHANGED',
  })
})
