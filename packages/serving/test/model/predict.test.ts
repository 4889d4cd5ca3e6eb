import { expect, test } from 'vitest'
import { backing } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const path = '/v1/models/usage_model/predict'
const fresh = { time: '2026-01-10T00:00:00Z', ageSeconds: 21_600 }

test.each(['memory', 'lmdb'] as const)('joins features from %s and predicts with the champion', async (kind) => {
  const { register, promote, registry, serve } = await backing(kind)
  await promote(await register(0.5))
  const { artifact } = await registry.version('usage_model', 1)
  const response = await post(serve(), path, {
    keys: [{ customer_id: 'a' }, { customer_id: 'b' }, { customer_id: 'nobody' }],
  })
  expect(await response.json()).toEqual({
    model: 'usage_model',
    version: 1,
    sha256: artifact.sha256,
    service: 'usage_only',
    rows: [
      // 0.5 + 1.5 + 2 * 10.25 + 3 * 4, exact in float32
      {
        keys: { customer_id: 'a' },
        prediction: { prediction: 34.5 },
        features: 'all',
        missing: {},
        times: { customer_usage: fresh },
      },
      // The model takes a missing peak as 1.
      {
        keys: { customer_id: 'b' },
        prediction: { prediction: 46 },
        features: 'some',
        missing: { customer_usage__peak_7d: 'NULL_VALUE' },
        times: { customer_usage: fresh },
      },
      {
        keys: { customer_id: 'nobody' },
        prediction: { prediction: null },
        features: 'none',
        missing: {
          customer_usage__kwh_1d: 'NOT_FOUND',
          customer_usage__kwh_7d: 'NOT_FOUND',
          customer_usage__peak_7d: 'NOT_FOUND',
        },
        times: { customer_usage: null },
      },
    ],
  })
})

test('a version or another alias can be requested', async () => {
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  await promote(await register(1.5), 'challenger')
  await register(2.5)
  const app = serve()
  const keys = [{ customer_id: 'a' }]
  const ask = async (body: object) => (await post(app, path, { keys, ...body })).json()
  expect(await ask({ alias: 'challenger' })).toMatchObject({ version: 2, rows: [{ prediction: { prediction: 35.5 } }] })
  expect(await ask({ version: 3 })).toMatchObject({ version: 3, rows: [{ prediction: { prediction: 36.5 } }] })
  expect(await ask({})).toMatchObject({ version: 1 })
})

test('a caller can refuse entities about which nothing is known, or that lack a feature', async () => {
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  const app = serve()
  const ask = async (ids: readonly string[], requireFeatures: unknown) => {
    const response = await post(app, path, { keys: ids.map((id) => ({ customer_id: id })), requireFeatures })
    return response.json()
  }
  expect(await ask(['a', 'b'], 'some')).toMatchObject({ rows: [{ features: 'all' }, { features: 'some' }] })
  expect(await ask(['a', 'nobody', 'b', 'none'], 'some')).toMatchObject({
    status: 422,
    code: 'FEATURES_REQUIRED',
    path: 'keys[1]',
    detail: 'keys[1]: All of its features are missing, so nothing is known about this entity.',
    problems: [{ path: 'keys[1]' }, { path: 'keys[3]' }],
  })
  // The usage of c is older than the ttl of its view.
  expect(await ask(['c'], 'some')).toMatchObject({ status: 422, path: 'keys[0]' })
  expect(await ask(['a', 'b'], 'all')).toMatchObject({
    status: 422,
    code: 'FEATURES_REQUIRED',
    path: 'keys[1]',
    problems: [{ detail: 'Some of its features are missing.' }],
  })
  expect(await ask(['a'], 'all')).toMatchObject({ rows: [{ features: 'all' }] })
  expect(await ask(['a'], true)).toMatchObject({ status: 400, code: 'REQUIRE_INVALID', path: 'requireFeatures' })
})
