import { nodeRuntime, treeEnsembleOnnx } from '@martlet/registry'
import { expect, test } from 'vitest'
import { binColumns } from '../../src/model/bins.ts'
import { fitBoostedTrees } from '../../src/model/boost.ts'
import { rowsWhere, type FeatureMatrix } from '../../src/model/feature-matrix.ts'
import { auc } from '../../src/model/judge.ts'
import { logistic, squared } from '../../src/model/loss.ts'
import { predictTrees } from '../../src/model/predict.ts'
import { randomOf, sample } from '../../src/model/random.ts'

function matrixOf(rows: number, columns: Readonly<Record<string, (row: number) => number>>): FeatureMatrix {
  return {
    rows,
    features: Object.keys(columns),
    columns: Object.values(columns).map((value) => Float32Array.from({ length: rows }, (_, row) => value(row))),
  }
}

const ROWS = 2000
const random = randomOf(1)
const noise = Array.from({ length: 3 }, () => Array.from({ length: ROWS }, () => random() * 2 - 1))
const all = rowsWhere(ROWS, () => true)
const some = matrixOf(ROWS, {
  a: (row) => noise[0]![row]!,
  b: (row) => (row % 7 === 0 ? NaN : noise[1]![row]!),
  constant: () => 3,
  noise: (row) => noise[2]![row]!,
})
const signs = Float64Array.from({ length: ROWS }, (_, row) => Number(noise[0]![row]! > 0 !== noise[1]![row]! > 0))

test('the training loss falls with every tree that sees all rows', () => {
  for (const [loss, target] of [
    [logistic, signs],
    [squared, Float64Array.from(all, (row) => noise[0]![row]! ** 2 + 0.1 * noise[2]![row]!)],
  ] as const) {
    const { trainLoss } = fitBoostedTrees(some, target, { loss, rows: all, trees: 40, rowShare: 1, featureShare: 1 })
    expect(trainLoss).toHaveLength(40)
    for (let tree = 1; tree < 40; tree++) expect(trainLoss[tree]).toBeLessThan(trainLoss[tree - 1]!)
  }
})

test('an exclusive or is learnt from half of the rows, and holds in the others', () => {
  const learnt = all.filter((row) => row % 2 === 0)
  const unseen = all.filter((row) => row % 2 === 1 && row % 7 !== 0)
  const { model } = fitBoostedTrees(some, signs, { loss: logistic, rows: learnt, trees: 100, learningRate: 0.2 })
  const predicted = predictTrees(model, some)
  const of = (values: ArrayLike<number>) => Array.from(unseen, (row) => values[row]!)
  expect(auc({ predicted: of(predicted), actual: of(signs) })).toBeGreaterThan(0.99)
})

test('a constant is never used', () => {
  const { gains, model } = fitBoostedTrees(some, signs, { loss: logistic, rows: all, trees: 20 })
  expect(Object.fromEntries(gains)['constant']).toBe(0)
  expect(JSON.stringify(model.trees)).not.toContain('"feature":2')
  expect(gains.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 9)
})

test('where a value is missing says something, rows without it are told apart', () => {
  const target = Float64Array.from(all, (row) => Number(row % 7 === 0))
  const { model } = fitBoostedTrees(some, target, { loss: logistic, rows: all, trees: 60, learningRate: 0.3 })
  const predicted = predictTrees(model, some)
  for (const row of all) expect(Math.abs(predicted[row]! - target[row]!)).toBeLessThan(0.05)
})

test('a step function is learnt exactly, between the values that occur', () => {
  const matrix = matrixOf(100, { x: (row) => row })
  const rows = rowsWhere(100, () => true)
  const target = Float64Array.from(rows, (row) => (row < 30 ? 5 : 8))
  const options = { loss: squared, rows, trees: 1, learningRate: 1, lambda: 0, rowShare: 1, minRows: 1 }
  const { model } = fitBoostedTrees(matrix, target, options)
  expect(model.base).toBeCloseTo(7.1)
  expect(model.trees[0]).toMatchObject({ feature: 0, threshold: 29.5 })
  expect([...predictTrees(model, matrix)].every((value, row) => Math.abs(value - target[row]!) < 1e-12)).toBe(true)
})

test('the trees after the best one on the validation rows are dropped', () => {
  const random = randomOf(5)
  const target = Float64Array.from(all, (row) => Number(random() < 0.5 + 0.2 * noise[0]![row]!))
  const { model, validationLoss } = fitBoostedTrees(some, target, {
    loss: logistic,
    rows: all.filter((row) => row < 1200),
    validation: all.filter((row) => row >= 1200),
    learningRate: 0.2,
    patience: 10,
  })
  const best = validationLoss.indexOf(Math.min(...validationLoss))
  expect(model.trees).toHaveLength(best + 1)
  expect(validationLoss).toHaveLength(best + 11)
})

test('the same seed gives the same model, another one another', () => {
  const fit = (seed: number) => fitBoostedTrees(some, signs, { loss: logistic, rows: all, trees: 5, seed }).model
  expect(fit(3)).toEqual(fit(3))
  expect(fit(3)).not.toEqual(fit(4))
})

test('rows that are not given change nothing', () => {
  const rows = all.filter((row) => row < 1200)
  const fit = (target: Float64Array) => fitBoostedTrees(some, target, { loss: logistic, rows, trees: 5 }).model
  expect(fit(signs)).toEqual(fit(signs.map((value, row) => (row < 1200 ? value : NaN))))
})

test('more distinct values than bins fall into bins that are about equally full', () => {
  const matrix = matrixOf(ROWS, { spread: (row) => noise[0]![row]!, lumpy: (row) => (row % 2 === 0 ? 0 : row) })
  const [spread, lumpy] = binColumns(matrix, all)
  const counts = new Map<number, number>()
  for (const bin of spread!.of) counts.set(bin, (counts.get(bin) ?? 0) + 1)
  expect(spread!.bounds).toHaveLength(254)
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(9)
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(7)
  expect(lumpy!.bounds.length).toBeGreaterThan(240)
  expect(lumpy!.bounds[0]).toBe(0.5)
  for (const bins of [spread!, lumpy!])
    for (let at = 1; at < bins.bounds.length; at++) expect(bins.bounds[at]).toBeGreaterThan(bins.bounds[at - 1]!)
})

test('a sample has its share of the rows, in order, each about equally often', () => {
  const random = randomOf(2)
  const counts = new Int32Array(20)
  const from = Int32Array.from(counts.keys())
  for (let round = 0; round < 4000; round++) {
    const taken = sample(from, 0.25, random)
    expect(taken).toHaveLength(5)
    expect([...taken]).toEqual([...new Set(taken)].toSorted((a, b) => a - b))
    for (const one of taken) counts[one]!++
  }
  // 1000 of 4000 expected, with a standard deviation of 27
  expect(Math.min(...counts)).toBeGreaterThan(860)
  expect(Math.max(...counts)).toBeLessThan(1140)
})

test('the ONNX file answers as the model, also where a value is missing', async () => {
  const { model } = fitBoostedTrees(some, signs, { loss: logistic, rows: all, trees: 50 })
  const session = await (await nodeRuntime()).open(treeEnsembleOnnx(model))
  const width = some.columns.length
  const data = new Float32Array(ROWS * width)
  some.columns.forEach((column, at) => column.forEach((value, row) => (data[row * width + at] = value)))
  const features = { element: 'float32', dims: [ROWS, width], data } as const
  const { probability } = await session.run({ features }, ['probability'])
  await session.release()
  const own = predictTrees(model, some)
  expect(Math.max(...own.map((value, row) => Math.abs(value - Number(probability!.data[row]))))).toBeLessThan(1e-6)
})

test('no rows, and targets that are missing, are refused', () => {
  expect(() => fitBoostedTrees(some, signs, { loss: logistic, rows: new Int32Array() })).toThrow(/no rows/)
  const target = signs.map((value, row) => (row === 9 ? NaN : value))
  expect(() => fitBoostedTrees(some, target, { loss: logistic, rows: all })).toThrow('row 9 has no target')
})
