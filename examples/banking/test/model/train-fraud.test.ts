import { randomOf } from '@martlet/example-logistics/random'
import { columnBatch, type ColumnBatch } from '@martlet/warehouse'
import { readOnnx } from '@martlet/registry'
import { expect, test } from 'vitest'
import { ruleScores } from '../../src/model/rule.ts'
import { trainFraud } from '../../src/model/train-fraud.ts'
import { metricsOf } from '../../src/model/write-files.ts'

const FEATURES = ['payment__remote', 'payment__new_counterparty', 'payment__zscore', 'own_rank__percentile', 'kind']

/** Payments of which those that are large, new and remote are often frauds, and mostly so in accounts of one kind. */
function payments(rows: number): ColumnBatch {
  const random = randomOf(3)
  const drawn = Array.from({ length: rows }, (_, row) => {
    const [remote, isNew, percentile] = [random.next() < 0.5, random.next() < 0.3, random.next()]
    const kind = random.next() < 0.5 ? 'current' : 'savings'
    const risk = remote && isNew && percentile > 0.7 ? (kind === 'current' ? 0.6 : 0.02) : 0.005
    const split = row < rows * 0.6 ? 'train' : row < rows * 0.8 ? 'validation' : 'test'
    return { remote, isNew, percentile, kind, fraud: random.next() < risk, split }
  })
  return columnBatch({
    payment__remote: { type: 'boolean', values: drawn.map(({ remote }) => remote) },
    payment__new_counterparty: { type: 'boolean', values: drawn.map(({ isNew }) => isNew) },
    payment__zscore: { type: 'double', values: drawn.map(({ percentile }) => percentile * 4 - 2) },
    own_rank__percentile: { type: 'double', values: drawn.map(({ percentile }) => percentile) },
    kind: { type: 'text', values: drawn.map(({ kind }) => kind) },
    fraud: { type: 'boolean', values: drawn.map(({ fraud }) => fraud) },
    split: { type: 'text', values: drawn.map(({ split }) => split) },
  })
}

test('what can be learnt is learnt: the model knows what the rule does not, and its file says the same', () => {
  const trained = trainFraud(payments(4000), FEATURES)
  expect(trained.rows).toEqual({ train: 2400, validation: 800, test: 800 })
  expect(trained.frauds).toBeGreaterThan(10)
  const figure = (metric: string) => trained.scores.find((score) => score.metric === metric)
  expect(figure('auc')?.rule).toBeGreaterThan(0.7)
  for (const metric of ['auc', 'pr_auc', 'precision_at_1pct'])
    expect([metric, figure(metric)?.model]).toEqual([metric, expect.any(Number)])
  expect(figure('pr_auc')?.model).toBeGreaterThan(figure('pr_auc')?.rule ?? 1)
  expect(trained.gains[0]?.[0]).toMatch(/payment|own_rank|kind/)
  expect(trained.golden.inputs.length).toBe(20)
  expect(readOnnx(trained.onnx).outputs.map(({ name }) => name)).toEqual(['probability'])
  expect(metricsOf(trained)).toMatchObject({ rows_test: 800, threshold: trained.threshold, auc: figure('auc')?.model })
  expect(metricsOf(trained)).not.toHaveProperty('rule_log_loss')
})

test('a part without labels is refused', () => {
  const batch = payments(100)
  const names = batch.names.map((name) => (name === 'split' ? 'other' : name === 'kind' ? 'split' : name))
  expect(() => trainFraud({ ...batch, names }, FEATURES.slice(0, 4))).toThrow(
    'no payment of the part train has a label',
  )
})

test('the rule looks only at payments from afar to somebody new, and puts the larger ones first', () => {
  const batch = columnBatch({
    payment__remote: { type: 'boolean', values: [true, true, true, false, true] },
    payment__new_counterparty: { type: 'boolean', values: [true, true, false, true, true] },
    payment__zscore: { type: 'double', values: [0, 3, 9, 9, null] },
    own_rank__percentile: { type: 'double', values: [0.5, 0.99, 1, 1, null] },
  })
  const [usual = 0, large = 0, known, near, unknown = 0] = ruleScores(batch)
  expect(large).toBeGreaterThan(usual)
  expect([known, near]).toEqual([0, 0])
  expect(unknown).toBe(1)
})
