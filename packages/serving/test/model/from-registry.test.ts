import { MartletError } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { registryModels } from '../../src/index.ts'
import { backing } from '../support/backing.ts'

const vectors = { rows: 1, value: (_: number, field: number) => field + 1 }

test('models are loaded as the options say: limits of time, the largest batch, isolation', async () => {
  const { registry, register } = await backing()
  await register(5)
  for (const options of [{}, { isolation: 'always', runMs: 5000, rows: 10 }, { isolation: 'never' }] as const) {
    const model = await registryModels(registry, options).load('usage_model', 1)
    // 1 + 2 * 2 + 3 * 3, and the bias
    expect((await model.predict(vectors))['prediction']?.data[0]).toBe(19)
    await model.release()
  }
  const load = registryModels(registry, { runMs: 1, rows: 2_000_000 }).load('usage_model', 1)
  const error = await Promise.resolve(load).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(MartletError)
  expect(error).toMatchObject({ code: 'MODEL_TIME_LIMIT', data: { limitMs: 1 } })
})
