import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearRegressionOnnx, nodeRuntime, readTensorGraph, type LinearModel } from '../../src/index.ts'
import { failure } from '../support/failure.ts'

async function predict(model: LinearModel, rows: readonly (readonly number[])[]): Promise<number[]> {
  const { bytes, inputs, outputs } = readTensorGraph(linearRegressionOnnx(model))
  expect(inputs).toEqual([{ name: 'features', element: 'float32', shape: ['N', model.features.length] }])
  const session = await (await nodeRuntime()).open(bytes)
  const answers = await session.run(
    {
      features: {
        element: 'float32',
        dims: [rows.length, model.features.length],
        data: Float32Array.from(rows.flat()),
      },
    },
    [outputs[0]!.name],
  )
  await session.release()
  return [...answers[outputs[0]!.name]!.data].map(Number)
}

const links = { identity: (x: number) => x, logistic: (x: number) => 1 / (1 + Math.exp(-x)), exponential: Math.exp }

test('answers as the formula does, missing values imputed', async () => {
  const number = fc.double({ min: -8, max: 8, noNaN: true })
  const shape = fc.integer({ min: 1, max: 6 }).chain((count) => {
    const vector = fc.array(number, { minLength: count, maxLength: count })
    return fc.record({
      weights: vector,
      bias: number,
      mean: vector,
      scale: fc.array(fc.double({ min: 0.5, max: 8, noNaN: true }), { minLength: count, maxLength: count }),
      impute: vector,
      link: fc.constantFrom('identity', 'logistic', 'exponential'),
      rows: fc.array(fc.array(fc.oneof(number, fc.constant(NaN)), { minLength: count, maxLength: count }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ rows, link, ...model }) => {
      const features = model.weights.map((_, index) => `view__f${index}`)
      const predicted = await predict({ features, link, ...model }, rows)
      rows.forEach((row, index) => {
        const terms = row.map(
          (value, at) =>
            (((Number.isNaN(value) ? model.impute[at]! : value) - model.mean[at]!) / model.scale[at]!) *
            model.weights[at]!,
        )
        const sum = terms.reduce((total, term) => total + term, model.bias)
        const magnitude =
          terms.reduce(
            (total, term, at) => total + Math.abs(term) + (16 / model.scale[at]!) * Math.abs(model.weights[at]!),
            Math.abs(model.bias),
          ) + 1
        // each of about 2F+4 float32 operations rounds by at most 2^-24 of a partial result no larger than `magnitude`
        const slack = magnitude * (2 * row.length + 4) * 2 ** -23
        const want = links[link](sum)
        if (want > 1e37) return expect(predicted[index]!).toBeGreaterThan(1e36) // float32 ends at 3.4e38
        const steep = link === 'exponential' ? want : 1
        expect(Math.abs(predicted[index]! - want)).toBeLessThanOrEqual(
          slack * steep * 2 + Math.abs(want) * 2 ** -20 + 2 ** -126,
        ) // float32 keeps no less than 2^-126 in full
      })
    }),
  )
})

test('a feature without an imputed value stays missing', async () => {
  const model: LinearModel = { features: ['a', 'b'], weights: [1, 1], bias: 0, impute: [null, 5] }
  expect(
    await predict(model, [
      [1, NaN],
      [NaN, 1],
    ]),
  ).toEqual([6, NaN])
})

test('the file names its features', () => {
  const { graph } = readTensorGraph(
    linearRegressionOnnx({ features: ['a__x', 'b__ü'], weights: [1, 2], bias: 0, output: 'kwh' }),
  )
  expect(graph.metadata).toEqual({ 'martlet.features': '["a__x","b__ü"]' })
  expect(graph.outputs[0]?.name).toBe('kwh')
})

describe('a model that cannot be written is refused', () => {
  const good: LinearModel = { features: ['a', 'b'], weights: [1, 2], bias: 0 }
  test.for<[string, Partial<LinearModel>, RegExp]>([
    ['a weight too few', { weights: [1] }, /weights has 1 numbers for 2 features/],
    ['a scale of zero', { scale: [1, 0] }, /scale\[1\] is 0/],
    ['a number float32 cannot hold', { weights: [1, 1e39] }, /weights\[1\] is 1e\+39/],
    ['an infinite imputed value', { impute: [1, Infinity] }, /impute\[1\] is Infinity/],
    ['a bias that is not a number', { bias: NaN }, /bias is NaN/],
    ['a feature named twice', { features: ['a', 'a'] }, /names one feature twice/],
    ['no features', { features: [], weights: [] }, /features is empty/],
  ])('%s', async ([, change, message]) => {
    const error = await failure(() => linearRegressionOnnx({ ...good, ...change }))
    expect(error.code).toBe('LINEAR_MODEL_INVALID')
    expect(error.message).toMatch(message)
  })
})
