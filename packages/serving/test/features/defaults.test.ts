import {
  applyDefinitions,
  featureService,
  openMemoryStore,
  planDefinitions,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { linearRegressionOnnx, liveModels } from '@martlet/registry'
import { expect, onTestFinished, test } from 'vitest'
import { createClient, fixedCatalog, serving, type ServingApp } from '../../src/index.ts'
import { backing, type Backing } from '../support/backing.ts'
import { customerProfile, customerUsage, now, publishEnergy } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const filled = featureService('filled', [
  customerUsage.pick('kwh_7d', 'peak_7d').default({ kwh_7d: 0.5, peak_7d: -1 }),
  customerProfile.default({ tariff: 'none "yet"' }),
])

async function serveFilled(): Promise<ServingApp> {
  const online = openMemoryStore()
  await publishEnergy(online)
  const app = serving({ catalog: fixedCatalog({ services: [filled.plan] }), online, auth: 'none', now: () => now })
  onTestFinished(() => app.close())
  return app
}

const keys = ['a', 'b', 'c', 'd', 'nobody'].map((customer_id) => ({ customer_id }))

test('what is missing is served as its default, and still listed with the reason', async () => {
  const response = await post(await serveFilled(), '/v1/features/filled', { keys })
  const { rows } = (await response.json()) as { rows: readonly Record<string, unknown>[] }
  expect(rows.map(({ values, missing }) => [Object.values(values as object), missing])).toEqual([
    [[10.25, 4, 'night "A"', 3], {}],
    [[20, -1, 'none "yet"', 1], { customer_usage__peak_7d: 'NULL_VALUE', customer_profile__tariff: 'NULL_VALUE' }],
    [[0.5, -1, 'flat', 2], { customer_usage__kwh_7d: 'OUTSIDE_MAX_AGE', customer_usage__peak_7d: 'OUTSIDE_MAX_AGE' }],
    [[0.5, -1, 'flat', 5], { customer_usage__kwh_7d: 'NOT_FOUND', customer_usage__peak_7d: 'NOT_FOUND' }],
    [
      [0.5, -1, 'none "yet"', null],
      {
        customer_usage__kwh_7d: 'NOT_FOUND',
        customer_usage__peak_7d: 'NOT_FOUND',
        customer_profile__tariff: 'NOT_FOUND',
        customer_profile__household: 'NOT_FOUND',
      },
    ],
  ])
})

test('some features alone keep their defaults, and metrics count what was missing', async () => {
  const app = await serveFilled()
  const features = ['customer_profile__tariff', 'customer_usage__peak_7d']
  const part = await post(app, '/v1/features/filled', { keys: [{ customer_id: 'nobody' }], features })
  expect(await part.json()).toMatchObject({
    rows: [{ values: { customer_usage__peak_7d: -1, customer_profile__tariff: 'none "yet"' } }],
  })
  const metrics = await (await app.request('/metrics')).text()
  expect(metrics).toContain('view="customer_usage",status="NOT_FOUND"} 1')
  expect(metrics).not.toContain('view="customer_usage",status="PRESENT"} 1')
})

test('the catalog says what stands for missing values', async () => {
  const app = await serveFilled()
  const { fields } = (await (await app.request('/v1/catalog/services/filled')).json()) as { fields: readonly object[] }
  expect(fields).toMatchObject([
    { name: 'customer_usage__kwh_7d', nullable: false, default: 0.5 },
    { name: 'customer_usage__peak_7d', nullable: false, default: -1 },
    { name: 'customer_profile__tariff', nullable: false, default: 'none "yet"' },
    { name: 'customer_profile__household', nullable: true },
  ])
  expect(fields[3]).not.toHaveProperty('default')
})

test('a client knows that what has a default is never null', async () => {
  const app = await serveFilled()
  const fetch = async (url: string, init: RequestInit): Promise<Response> => app.request(url, init)
  const client = createClient<typeof filled>({ url: 'http://localhost', service: 'filled', fetch })
  const [row] = await client.features([{ customer_id: 'nobody' }])
  const sum: number | undefined = row && row.values.customer_usage__kwh_7d + row.values.customer_usage__peak_7d
  expect(sum).toBe(-0.5)
  expect(row?.values.customer_profile__household).toBeNull()
})

const usage = (kwh_7d: number) =>
  featureService('usage_only', [customerUsage.pick('kwh_7d', 'peak_7d').default({ kwh_7d })])

async function apply({ catalog, registry }: Backing, service: AnyFeatureService): Promise<readonly string[]> {
  const plan = await planDefinitions(catalog, [service], { missing: 'keep', models: await liveModels(registry) })
  await applyDefinitions(catalog, plan)
  return plan.changes.flatMap(({ reasons, consequence }) => [...reasons, consequence])
}

test('a model keeps the defaults that it was trained with, whatever its service says now', async () => {
  const opened = await backing()
  const { registry, serve } = opened
  await apply(opened, usage(100))
  await registry.register({
    model: 'sums',
    onnx: linearRegressionOnnx({
      features: ['customer_usage__kwh_7d', 'customer_usage__peak_7d'],
      weights: [1, 1],
      bias: 0,
      impute: [null, 1000],
    }),
    service: usage(100).plan,
    goldenRows: { inputs: [[1, 2]], outputs: { prediction: [3] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'trainer',
  })
  await registry.setAlias('sums', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  const app = serve()
  await app.start()
  const predicted = async () => {
    const answer = await post(app, '/v1/models/sums/predict', { keys: [{ customer_id: 'a' }, { customer_id: 'd' }] })
    return answer.json()
  }
  const expected = {
    rows: [
      { prediction: { prediction: 14.25 }, features: 'all', missing: {} },
      {
        prediction: { prediction: 1100 },
        features: 'none',
        missing: { customer_usage__kwh_7d: 'NOT_FOUND', customer_usage__peak_7d: 'NOT_FOUND' },
      },
    ],
  }
  expect(await predicted()).toMatchObject(expected)
  expect(await apply(opened, usage(7))).toEqual(['default of customer_usage.kwh_7d 100 → 7', 'metadata only'])
  await app.refresh()
  expect(await predicted()).toMatchObject(expected)
  const served = await post(app, '/v1/features/usage_only', { keys: [{ customer_id: 'd' }] })
  expect(await served.json()).toMatchObject({ rows: [{ values: { customer_usage__kwh_7d: 7 } }] })
})
