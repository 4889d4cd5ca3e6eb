import { MartletError } from '@martlet/warehouse'
import { expect, onTestFinished, test } from 'vitest'
import { type ModelSource, type ServingOptions } from '../../src/index.ts'
import { post, serveEnergy } from '../support/serve.ts'

const path = '/v1/models/risk/predict'

/** A model that fails as a runtime does when `refuses` returns true for the weekly consumption of its rows. */
function source(refuses: (weeks: readonly number[]) => string | undefined): {
  readonly models: ModelSource
  readonly runs: number[]
} {
  const runs: number[] = []
  const models: ModelSource = {
    aliases: () => [{ model: 'risk', alias: 'champion', version: 1 }],
    models: () => [],
    versions: () => [],
    history: () => [],
    load: async (model, version) => ({
      model,
      version,
      sha256: 'f'.repeat(64),
      service: 'usage_only',
      definitionHashes: {},
      fields: ['kwh_1d', 'kwh_7d', 'peak_7d'].map(
        (name) => ({ field: `customer_usage__${name}`, type: 'double', missing: 'nan' }) as const,
      ),
      async predict(vectors) {
        runs.push(vectors.rows)
        const weeks = Array.from({ length: vectors.rows }, (_, row) => Number(vectors.value(row, 1)))
        const code = refuses(weeks)
        if (code !== undefined) {
          const cause = new Error(
            "Non-zero status code returned while running OneHotEncoder node. Name:'x' " +
              'Status Message: /build/onnxruntime/core/encoder.cc:42 Unknown category',
          )
          throw new MartletError(code, `Model risk failed on a batch of ${vectors.rows}`, { cause })
        }
        return { week: { element: 'float64', dims: [vectors.rows, 1], data: Float64Array.from(weeks) } }
      },
      release: async () => undefined,
    }),
  }
  return { models, runs }
}

async function app(models: ModelSource, options: Partial<ServingOptions> = {}) {
  const serving = await serveEnergy({ registry: models, ...options })
  onTestFinished(() => serving.close())
  return (ids: readonly string[]) => post(serving, path, { keys: ids.map((id) => ({ customer_id: id })) })
}

test('rows that a model refuses are named, and finding them takes no more runs than a search needs', async () => {
  const { models, runs } = source((weeks) => (weeks.includes(20) ? 'MODEL_RUN_FAILED' : undefined))
  const ask = await app(models)
  const ids = Array.from({ length: 40 }, (_, index) => (index === 17 || index === 33 ? 'b' : 'a'))
  const response = await ask(ids)
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    code: 'MODEL_REFUSES_ROW',
    path: 'keys[17]',
    detail: 'keys[17]: Version 1 of model risk fails on the features of this row: Unknown category.',
    problems: [{ path: 'keys[17]' }, { path: 'keys[33]' }],
  })
  expect(runs.length).toBeLessThan(30)
  expect((await ask(['a'])).status).toBe(200)
})

test('rows are named by their place among all keys, even when the request is answered in parts', async () => {
  const { models } = source((weeks) => (weeks.includes(20) ? 'MODEL_RUN_FAILED' : undefined))
  const ask = await app(models)
  const response = await ask(Array.from({ length: 900 }, (_, index) => (index === 777 ? 'b' : 'a')))
  expect(await response.json()).toMatchObject({ status: 422, path: 'keys[777]' })
})

test('a model that fails on rows together but not alone is distinguished from one that refuses rows', async () => {
  const { models } = source((weeks) => (weeks.length > 1 ? 'OUTPUT_SHAPE' : undefined))
  const response = await (await app(models))(['a', 'b'])
  expect(await response.json()).toMatchObject({ status: 422, code: 'MODEL_REFUSES_BATCH', path: 'keys' })
})

test.each([
  ['MODEL_TIME_LIMIT', 504],
  ['MODEL_MEMORY_LIMIT', 422],
  ['MODEL_CRASHED', 503],
  ['MODEL_INTERRUPTED', 503],
])('%s is answered %i, and no row is retried', async (code, status) => {
  const { models, runs } = source(() => code)
  const response = await (await app(models, { onError: () => undefined }))(['a', 'b'])
  expect(await response.json()).toMatchObject({ status, code })
  expect(runs).toEqual([2])
})

test('many rows are answered in parts and in order, just as a few rows are', async () => {
  const { models, runs } = source(() => undefined)
  const ask = await app(models)
  const ids = Array.from({ length: 1000 }, (_, index) => ['a', 'b', 'c'][index % 3] ?? 'a')
  const { rows } = JSON.parse(await (await ask(ids)).text())
  expect(rows.map(({ keys }: { readonly keys: { readonly customer_id: string } }) => keys.customer_id)).toEqual(ids)
  const [one] = JSON.parse(await (await ask(['b'])).text()).rows
  expect(rows[1]).toEqual(one)
  expect(runs.length).toBeGreaterThan(2)
})
