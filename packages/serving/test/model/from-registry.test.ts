import { MartletError } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { registryModels } from '../../src/index.ts'
import { backing } from '../support/backing.ts'

const vectors = { rows: 1, value: (_: number, field: number) => field + 1 }

test('models are loaded with the given time limit, largest batch and isolation', async () => {
  const { registry, register } = await backing()
  await register(5)
  for (const options of [{}, { isolation: 'always', runMs: 5000, rows: 10 }, { isolation: 'never' }] as const) {
    const model = await registryModels(registry, options).load('usage_model', 1)
    // 1 + 2 * 2 + 3 * 3, and the bias
    expect((await model.predict(vectors))['prediction']?.data[0]).toBe(19)
    await model.release()
  }
  // For a model in a process of its own, the time limit of a request already holds for the golden rows.
  const strict = registryModels(registry, { isolation: 'always', runMs: 1 })
  const slow = await (async () => (await strict.load('usage_model', 1)).predict({ ...vectors, rows: 500_000 }))().catch(
    (error: unknown) => error,
  )
  expect(slow).toBeInstanceOf(MartletError)
  expect(slow).toMatchObject({ code: 'MODEL_TIME_LIMIT', data: { limitMs: 1 } })
})
