import { columnBatch } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { randomOf } from '@martlet/example-logistics/random'
import { auc, fitLogistic, predict } from '../../src/train/logistic.ts'
import { trainModel } from '../../src/train/train-model.ts'

test('the area under the curve is the share of pairs in the right order', () => {
  const random = randomOf(4)
  const values = Array.from({ length: 60 }, () => Math.round(8 * random.next()))
  const happened = values.map((value) => random.next() < value / 10)
  let [right, pairs] = [0, 0]
  for (const [at, value] of values.entries())
    for (const [other, less] of values.entries())
      if (happened[at] === true && happened[other] === false) {
        pairs += 1
        right += value > less ? 1 : value === less ? 0.5 : 0
      }
  expect(auc(values, happened)).toBeCloseTo(right / pairs, 12)
  expect(auc([1, 2], [true, true])).toBeNaN()
})

test('the fit finds what decides, is where its gradient ends, and takes what is missing as the mean', () => {
  const random = randomOf(9)
  const rows = 600
  const [signal, noise] = [0, 1].map(() => Float64Array.from({ length: rows }, () => 10 + 3 * random.normal()))
  if (signal === undefined || noise === undefined) throw new Error('two columns were made')
  const outcome = Float64Array.from(signal, (value) => (random.next() < 1 / (1 + Math.exp(10 - value)) ? 1 : 0))
  signal[3] = Number.NaN
  const all = Int32Array.from({ length: rows }, (_, row) => row)
  const fit = fitLogistic({ features: ['signal', 'noise'], columns: [signal, noise], outcome }, all)
  expect(fit.weights[0]).toBeGreaterThan(2)
  expect(Math.abs(fit.weights[1] ?? Number.NaN)).toBeLessThan(0.4)
  const errors = [...all].map((row) => predict(fit, [signal[row] ?? 0, noise[row] ?? 0]) - (outcome[row] ?? 0))
  expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / rows)).toBeLessThan(0.002)
  expect(predict(fit, [Number.NaN, 10])).toBe(predict(fit, [fit.mean[0] ?? 0, 10]))
})

test('a model is judged by later rows, and its golden rows are its own answers', () => {
  const random = randomOf(2)
  const rows = 400
  const x = Array.from({ length: rows }, () => random.normal())
  const batch = columnBatch({
    x: { type: 'double', values: x.map((value, row) => (row % 50 === 49 ? null : value)) },
    fails: { type: 'boolean', values: x.map((value) => random.next() < 1 / (1 + Math.exp(-2 * value))) },
    split: { type: 'text', values: x.map((_, row) => (row < 300 ? 'train' : 'test')) },
  })
  const { metrics, golden, fit } = trainModel(batch, ['x'], 'fails', 'x')
  expect(metrics).toMatchObject({ rows_train: 300, rows_test: 100 })
  expect(metrics['auc']).toBeGreaterThan(0.75)
  expect(golden.inputs).toHaveLength(20)
  for (const [at, row] of golden.inputs.entries()) {
    const [value] = Array.isArray(row) ? row : []
    expect(golden.outputs['probability']?.[at]).toBe(predict(fit, [typeof value === 'number' ? value : Number.NaN]))
  }
  expect(() => trainModel(batch, ['y'], 'fails', 'y')).toThrow('no column y')
})
