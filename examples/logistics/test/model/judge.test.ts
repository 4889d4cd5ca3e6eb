import { expect, test } from 'vitest'
import { auc, calibration, logLoss, mae, rmse } from '../../src/model/judge.ts'
import { randomOf } from '../../src/model/random.ts'
import figures from './sklearn-figures.json' with { type: 'json' }

test('AUC by hand: of the six pairs of a yes and a no four are in order and one is a tie', () => {
  // yes: 0.9, 0.4, 0.3; no: 0.4, 0.2. Of 0.9 both, of 0.4 a tie and one, of 0.3 one.
  expect(auc({ predicted: [0.9, 0.4, 0.3, 0.4, 0.2], actual: [1, 1, 1, 0, 0] })).toBeCloseTo(4.5 / 6, 12)
  expect(auc({ predicted: [1, 2, 3], actual: [0, 0, 1] })).toBe(1)
  expect(auc({ predicted: [1, 1, 1], actual: [0, 0, 1] })).toBe(0.5)
  expect(auc({ predicted: [1, 2], actual: [1, 1] })).toBeNaN()
})

test('AUC is the share of pairs in order', () => {
  const random = randomOf(3)
  for (let round = 0; round < 50; round++) {
    const predicted = Array.from({ length: 40 }, () => Math.floor(random() * 12))
    const actual = predicted.map((value) => Number(random() < value / 20 + 0.1))
    const yes = predicted.filter((_, row) => actual[row] === 1)
    const no = predicted.filter((_, row) => actual[row] === 0)
    if (yes.length === 0 || no.length === 0) continue
    const inOrder: readonly number[] = yes.flatMap((one) =>
      no.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)),
    )
    expect(auc({ predicted, actual })).toBeCloseTo(inOrder.reduce((sum, one) => sum + one, 0) / inOrder.length, 12)
  }
})

test('errors by hand', () => {
  expect(logLoss({ predicted: [0.8, 0.4], actual: [1, 0] })).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 12)
  expect(logLoss({ predicted: [0, 1], actual: [1, 1] })).toBeCloseTo(-Math.log(1e-15) / 2, 9)
  expect(mae({ predicted: [1, 5], actual: [2, 2] })).toBe(2)
  expect(rmse({ predicted: [1, 5], actual: [2, 2] })).toBeCloseTo(Math.sqrt(5), 12)
})

test('the figures are those of scikit-learn', () => {
  expect(auc(figures)).toBeCloseTo(figures.auc, 12)
  expect(logLoss(figures)).toBeCloseTo(figures.log_loss, 12)
  expect(mae(figures)).toBeCloseTo(figures.mae, 12)
  expect(rmse(figures)).toBeCloseTo(figures.rmse, 12)
})

test('deciles of what was predicted, against what happened', () => {
  const predicted = Array.from({ length: 25 }, (_, row) => (24 - row) / 100)
  const actual = predicted.map((value) => Number(value >= 0.2))
  const deciles = calibration({ predicted, actual })
  expect(deciles.map(({ rows }) => rows)).toEqual([2, 3, 2, 3, 2, 3, 2, 3, 2, 3])
  expect(deciles[0]).toEqual({ rows: 2, predicted: 0.005, actual: 0 })
  expect(deciles[8]!.actual).toBe(1)
  expect(deciles[9]).toMatchObject({ rows: 3, actual: 1 })
  expect(deciles[9]!.predicted).toBeCloseTo(0.23, 12)
})
