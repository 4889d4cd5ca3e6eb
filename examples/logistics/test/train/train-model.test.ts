import { nodeRuntime, readTensorGraph } from '@martlet/registry'
import { columnBatch } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { categoriesOf, featureMatrix, numbersOf, textsOf } from '../../src/model/feature-matrix.ts'
import { groupMeans } from '../../src/model/group-means.ts'
import { predictTrees } from '../../src/model/predict.ts'
import { randomOf } from '../../src/model/random.ts'
import { readSpecs, type ModelSpec } from '../../src/train/specs.ts'
import { trainModel } from '../../src/train/train-model.ts'
import { metricsOf } from '../../src/train/write-files.ts'

const ROWS = 2000
const random = randomOf(4)
const drawn = Array.from({ length: ROWS }, (_, row) => ({
  site: ['a', 'b', 'c'][Math.floor(random() * 3)]!,
  age: Math.floor(random() * 10),
  heat: random(),
  part: row < 1200 ? 'train' : row < 1600 ? 'validation' : 'test',
}))
const risk = ({ site, age, heat }: (typeof drawn)[number]) =>
  0.02 + 0.03 * age + (site === 'b' ? 0.25 : 0) + (heat > 0.8 ? 0.3 : 0)
const outcomes = drawn.map((row) => random() < risk(row))
const batch = columnBatch({
  site: { type: 'text', values: drawn.map(({ site }, row) => (row % 11 === 0 ? null : site)) },
  age: { type: 'bigint', values: drawn.map(({ age }) => age) },
  heat: { type: 'double', values: drawn.map(({ heat }, row) => (row % 7 === 0 ? null : heat)) },
  split: { type: 'text', values: drawn.map(({ part }) => part) },
  fails: { type: 'boolean', values: outcomes.map((fails, row) => (row % 13 === 0 ? null : fails)) },
})
const features = ['site', 'age', 'heat']
const spec: ModelSpec = {
  question: 'it fails',
  service: 's',
  trainingSet: 't',
  label: 'fails',
  kind: 'binary',
  output: 'probability',
  baseline: { name: 'by age', groups: [[{ column: 'age', width: 2 }]] },
}

test('a model learns from the train part and is judged by the test part, beside its baseline', () => {
  const { scores, rows, golden, inputs, calibration, onnx } = trainModel(batch, features, spec)
  const known = (part: string) => drawn.filter((row, at) => row.part === part && at % 13 !== 0).length
  expect(rows).toEqual({ train: known('train'), validation: known('validation'), test: known('test') })
  const [area, loss] = scores
  expect(area).toMatchObject({ metric: 'auc' })
  expect(area!.baseline).toBeGreaterThan(0.55)
  expect(area!.model).toBeGreaterThan(area!.baseline + 0.05)
  expect(loss!.model).toBeLessThan(loss!.baseline)
  expect(golden.inputs).toHaveLength(20)
  expect(inputs).toEqual({ site: { nullAs: '' } })
  expect(readTensorGraph(onnx).inputs.map(({ name, element }) => [name, element])).toEqual([
    ['site', 'string'],
    ['age', 'float32'],
    ['heat', 'float32'],
  ])
  expect(calibration.reduce((sum, { rows }) => sum + rows, 0)).toBe(rows.test)
  expect(metricsOf({ scores, rows })).toMatchObject({ auc: area!.model, baseline_auc: area!.baseline })
})

test('what the test part says changes neither the model nor the baseline', () => {
  const changed = columnBatch({
    site: { type: 'text', values: drawn.map(({ site }, row) => (row % 11 === 0 ? null : site)) },
    age: { type: 'bigint', values: drawn.map(({ age }) => age) },
    heat: { type: 'double', values: drawn.map(({ heat }, row) => (row % 7 === 0 ? null : heat)) },
    split: { type: 'text', values: drawn.map(({ part }) => part) },
    fails: {
      type: 'boolean',
      values: outcomes.map((fails, row) => (row % 13 === 0 ? null : drawn[row]!.part === 'test' ? !fails : fails)),
    },
  })
  const [one, other] = [trainModel(batch, features, spec), trainModel(changed, features, spec)]
  expect(other.model).toEqual(one.model)
  expect(other.scores[0]!.baseline).toBeCloseTo(1 - one.scores[0]!.baseline, 9)
})

test('an amount is judged by its errors', () => {
  const { scores, model } = trainModel(batch, features, { ...spec, label: 'heat', kind: 'amount', output: 'heat' })
  expect(scores.map(({ metric }) => metric)).toEqual(['mae', 'rmse'])
  expect(scores[0]!.model).toBeLessThan(0.1 * scores[0]!.baseline)
  expect(model.link).toBe('identity')
})

test('texts are ordered by the mean of the target, and rare ones are not known', () => {
  const texts = columnBatch({
    kind: {
      type: 'text',
      values: [...Array<string>(20).fill('high'), ...Array<string>(15).fill('low'), 'rare', null],
    },
  })
  const target = Float64Array.from({ length: 37 }, (_, row) => (row < 20 ? 3 : 1))
  const categories = categoriesOf(
    texts,
    ['kind'],
    target,
    Int32Array.from({ length: 37 }, (_, row) => row),
  )
  expect(categories).toEqual({ kind: ['low', 'high'] })
  const { columns } = featureMatrix(texts, ['kind'], categories)
  expect([0, 20, 35, 36].map((row) => columns[0]![row])).toEqual([1, 0, NaN, NaN])
  const none = categoriesOf(texts, ['kind'], target, Int32Array.from([35]))
  expect(none).toEqual({ kind: ['none'] })
})

test('a mean is drawn towards the wider group by ten rows', () => {
  const target = Float64Array.from([4, 4, 0, 0, 0, 9])
  const learnt = Int32Array.from([0, 1, 2, 3, 4])
  const site = ['a', 'a', 'b', 'b', 'b', 'c']
  const hour = ['1', '1', '1', '2', undefined, '1']
  const means = groupMeans(target, learnt, [
    (row) => (hour[row] === undefined ? undefined : `${site[row]} ${hour[row]}`),
    (row) => site[row],
  ])
  const overall = 8 / 5
  const a = (8 + 10 * overall) / 12
  const b = (0 + 10 * overall) / 13
  expect(means[0]).toBeCloseTo((8 + 10 * a) / 12, 12)
  expect(means[2]).toBeCloseTo((0 + 10 * b) / 11, 12)
  // Without an hour that of the site counts, and of a new site that of all.
  expect(means[4]).toBeCloseTo(b, 12)
  expect(means[5]).toBeCloseTo(overall, 12)
  const [loose] = groupMeans(target, learnt, [(row) => site[row]], [2])
  expect(loose).toBeCloseTo((8 + 2 * overall) / 4, 12)
})

test('the models of models.json name their services, sets and labels', async () => {
  const specs = await readSpecs()
  expect([...specs.keys()]).toEqual(['maintenance_risk', 'delivery_delay', 'delivery_late'])
})

test('the file answers what the model does, for texts and missing values', async () => {
  const { model, onnx } = trainModel(batch, features, spec)
  const expected = predictTrees(model, featureMatrix(batch, features, model.categories))
  const session = await (await nodeRuntime()).open(onnx)
  const dims = [ROWS, 1]
  const floats = (name: string) =>
    ({ element: 'float32', dims, data: Float32Array.from(numbersOf(batch, name)) }) as const
  const { probability } = await session.run(
    {
      site: { element: 'string', dims, data: [...textsOf(batch, 'site')] },
      age: floats('age'),
      heat: floats('heat'),
    },
    ['probability'],
  )
  await session.release()
  const differences = expected.map((value, row) => Math.abs(value - Number(probability!.data[row])))
  expect(Math.max(...differences)).toBeLessThan(1e-6)
})
