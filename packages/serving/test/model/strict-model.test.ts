import { readFile } from 'node:fs/promises'
import {
  applyDefinitions,
  entity,
  featureService,
  featureView,
  planDefinitions,
  precomputed,
  publishRows,
} from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { backing } from '../support/backing.ts'
import { batch, once } from '../support/batch.ts'
import { now } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const customer = entity('buyer', { buyer_id: z.string() })
const offers = featureView('offers', {
  of: customer,
  from: precomputed('mart.offers', {
    columns: { buyer_id: z.string(), at: z.date(), tariff: z.string(), orders: z.number(), kwh: z.number() },
    entity: customer,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ tariff: f.column('tariff'), orders: f.column('orders'), kwh: f.column('kwh') }),
})
const service = featureService('offers', [offers])

interface Expected {
  readonly rows: readonly (readonly [string, number, number])[]
  readonly label: readonly string[]
  readonly probabilities: readonly (readonly number[])[]
}

const fixtures = new URL('../../../registry/test/fixtures/', import.meta.url)

/** A scikit-learn pipeline whose OneHotEncoder fails on tariffs that it was not trained on, such as ''. */
async function served() {
  const { catalog, online, registry, serve } = await backing()
  await applyDefinitions(catalog, await planDefinitions(catalog, [service], { missing: 'keep' }))
  const { strict }: { readonly strict: Expected } = JSON.parse(
    await readFile(new URL('expected.json', fixtures), 'utf8'),
  )
  const rows = [...strict.rows, ['', 1, 1], ['platinum', 1, 1]] as const
  await publishRows(
    online,
    offers.plan,
    once(
      batch({
        buyer_id: ['text', rows.map((_, index) => `b${index}`)],
        feature_time: ['timestamp', rows.map(() => now)],
        tariff: ['text', rows.map(([tariff]) => tariff)],
        orders: ['double', rows.map(([, orders]) => orders)],
        kwh: ['double', rows.map(([, , kwh]) => kwh)],
      }),
    ),
  )
  await registry.register({
    model: 'leaves',
    onnx: await readFile(new URL('strict-columns.onnx', fixtures)),
    service: service.plan,
    inputs: { offers__tariff: { input: 'tariff', nullAs: 'gold' }, offers__orders: 'orders', offers__kwh: 'kwh' },
    goldenRows: {
      inputs: strict.rows,
      outputs: { output_probability: strict.probabilities },
      tolerance: { absolute: 1e-6, relative: 0 },
    },
    actor: 'trainer',
  })
  await registry.setAlias('leaves', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  const app = serve()
  await app.start()
  const ask = (ids: readonly number[]) =>
    post(app, '/v1/models/leaves/predict', { keys: ids.map((id) => ({ buyer_id: `b${id}` })) })
  return { app, strict, known: strict.rows.length, ask }
}

test('a model that refuses values it was not trained on goes live and answers as Python does', async () => {
  const { app, strict, known, ask } = await served()
  expect((await app.ready()).checks['model:leaves']).toEqual({ ok: true })
  const { rows } = JSON.parse(await (await ask(Array.from({ length: known }, (_, index) => index))).text())
  for (const [row, wanted] of strict.probabilities.entries()) {
    expect(rows[row].prediction.output_label).toBe(strict.label[row])
    for (const [column, probability] of wanted.entries())
      expect(Math.abs(rows[row].prediction.output_probability[column] - probability)).toBeLessThan(1e-6)
  }
})

test('a row that it refuses is a 422 that names the row, and other requests do not suffer', async () => {
  const { known, ask } = await served()
  const response = await ask([0, 1, known, 2, known + 1])
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    code: 'MODEL_REFUSES_ROW',
    path: 'keys[2]',
    problems: [{ path: 'keys[2]' }, { path: 'keys[4]' }],
  })
  expect((await ask([0, 1, 2])).status).toBe(200)
})
