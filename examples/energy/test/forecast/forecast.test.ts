import fc from 'fast-check'
import { columnBatch } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { accuracy } from '../../src/forecast/accuracy.ts'
import { featureMatrix, numbersOf, type FeatureMatrix } from '../../src/forecast/matrix.ts'
import { choosePenalty } from '../../src/forecast/penalty.ts'
import { fitRidge, predictRow } from '../../src/forecast/ridge.ts'
import { goldenRows, refuseOtherAnswers } from '../../src/forecast/train.ts'

const matrixOf = (features: readonly string[], rows: readonly (readonly number[])[]): FeatureMatrix => ({
  rows: rows.length,
  features,
  values: Float64Array.from(rows.flat()),
})
const number = fc.double({ min: -10, max: 10, noNaN: true })

describe('ridge', () => {
  test('one feature: the closed form', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: number, y: number, w: fc.double({ min: 0.1, max: 5, noNaN: true }) }), {
          minLength: 4,
          maxLength: 30,
        }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (rows, penalty) => {
          const model = fitRidge(
            matrixOf(
              ['x'],
              rows.map(({ x }) => [x]),
            ),
            Float64Array.from(rows, ({ y }) => y),
            Float64Array.from(rows, ({ w }) => w),
            { penalty, around: 'x' },
          )
          const mean = rows.reduce((sum, { x }) => sum + x, 0) / rows.length
          const spread = Math.sqrt(rows.reduce((sum, { x }) => sum + (x - mean) ** 2, 0) / rows.length)
          fc.pre(spread > 1e-3)
          const total = rows.reduce((sum, { w }) => sum + w, 0)
          const z = rows.map(({ x }) => (x - mean) / spread)
          const zMean = rows.reduce((sum, { w }, i) => sum + w * (z[i] ?? 0), 0) / total
          const dMean = rows.reduce((sum, { w, x, y }) => sum + w * (y - x), 0) / total
          const cov = rows.reduce((sum, { w, x, y }, i) => sum + w * ((z[i] ?? 0) - zMean) * (y - x - dMean), 0)
          const variance = rows.reduce((sum, { w }, i) => sum + w * ((z[i] ?? 0) - zMean) ** 2, 0)
          const slope = cov / (variance + penalty * total)
          // Solving 2 × 2 with a condition below 1e6 loses six of sixteen digits.
          for (const [i, { x }] of rows.entries())
            expect(predictRow(model, [x])).toBeCloseTo(x + dMean + slope * ((z[i] ?? 0) - zMean), 6)
        },
      ),
    )
  })

  test('many features: no step away from the weights makes the penalised error smaller', () => {
    const row = fc.record({
      x: fc.tuple(number, number, number),
      y: number,
      w: fc.double({ min: 0.1, max: 5, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 8, maxLength: 25 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (rows, penalty) => {
          const model = fitRidge(
            matrixOf(
              ['a', 'b', 'c'],
              rows.map(({ x }) => x),
            ),
            Float64Array.from(rows, ({ y }) => y),
            Float64Array.from(rows, ({ w }) => w),
            { penalty, around: 'b' },
          )
          const total = rows.reduce((sum, { w }) => sum + w, 0)
          // What is penalised is the change against b, so b's own standard deviation is subtracted from its weight.
          const loss = (weights: readonly number[], bias: number): number =>
            rows.reduce((sum, { x, y, w }) => sum + w * (y - predictRow({ ...model, weights, bias }, x)) ** 2, 0) +
            penalty *
              total *
              weights.reduce((sum, weight, f) => sum + (weight - (f === 1 ? (model.scale[1] ?? 0) : 0)) ** 2, 0)
          const least = loss(model.weights, model.bias)
          for (const step of [0.01, -0.01]) {
            expect(loss(model.weights, model.bias + step)).toBeGreaterThan(least)
            for (let f = 0; f < 3; f++)
              expect(
                loss(
                  model.weights.map((weight, i) => (i === f ? weight + step : weight)),
                  model.bias,
                ),
              ).toBeGreaterThan(least)
          }
        },
      ),
    )
  })

  test('a large penalty repeats the feature it is fitted around, up to a constant', () => {
    const rows = [
      [1, 5],
      [2, 1],
      [3, 4],
      [4, 2],
    ]
    const model = fitRidge(matrixOf(['a', 'b'], rows), Float64Array.of(7, 3, 6, 4), new Float64Array(4).fill(1), {
      penalty: 1e9,
      around: 'b',
    })
    for (const row of rows) expect(predictRow(model, row)).toBeCloseTo((row[1] ?? 0) + 2, 6)
  })

  test('rows without target, without weight or without the base change nothing, and a missing value counts as the mean', () => {
    const rows = [
      [1, 5],
      [2, 1],
      [3, 4],
      [4, 2],
      [9, 3],
    ]
    const fit = (more: readonly (readonly number[])[], target: readonly number[], weights: readonly number[]) =>
      fitRidge(
        matrixOf(['a', 'b'], [...rows, ...more]),
        Float64Array.from([6, 3, 6, 5, 1, ...target]),
        Float64Array.from([1, 1, 1, 1, 1, ...weights]),
        { penalty: 0.1, around: 'b' },
      )
    const model = fit([], [], [])
    expect(
      fit(
        [
          [50, 50],
          [60, 60],
          [70, Number.NaN],
        ],
        [Number.NaN, 9, 9],
        [1, 0, 1],
      ),
    ).toEqual(model)
    expect(predictRow(model, [Number.NaN, 2])).toBe(predictRow(model, [model.impute[0] ?? 0, 2]))
  })

  test('too few rows and an unknown base are refused', () => {
    expect(() =>
      fitRidge(
        matrixOf(
          ['a', 'b'],
          [
            [1, 2],
            [3, 4],
          ],
        ),
        Float64Array.of(1, 2),
        Float64Array.of(1, 1),
        { penalty: 1, around: 'a' },
      ),
    ).toThrow('2 usable rows are too few to fit 2 weights')
    expect(() =>
      fitRidge(matrixOf(['a'], [[1]]), Float64Array.of(1), Float64Array.of(1), { penalty: 1, around: 'z' }),
    ).toThrow('no feature z')
  })
})

test('accuracy follows its formulas, over rows that are kept and known', () => {
  expect(
    accuracy(
      Float64Array.of(10, 20, -10, Number.NaN, 5, 99),
      Float64Array.of(12, 15, -10, 1, Number.NaN, 0),
      (row) => row !== 5,
    ),
  ).toEqual({ rows: 3, wape: 7 / 40, mae: 7 / 3, bias: -3 / 40 })
})

test('the penalty with the smallest mean error over the folds is chosen, and earlier folds do not use later days', () => {
  // y follows its base exactly and the other feature is noise in the days before: only a strong penalty ignores it.
  const noise = (row: number): number => ((row * 7919) % 101) / 10
  const rows = Array.from({ length: 50 }, (_, row) => [noise(row), row])
  const target = Float64Array.from(rows, ([, base], row) => (base ?? 0) + 3 * (noise(row + 13) - 5))
  const day = Float64Array.from(rows, (_, row) => Math.floor(row / 2))
  const chosen = choosePenalty(matrixOf(['noise', 'base'], rows), target, new Float64Array(50).fill(1), day, 'base')
  expect(chosen.tried.map(({ penalty }) => penalty)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])
  expect(chosen.penalty).toBe(chosen.tried.toSorted((a, b) => a.wape - b.wape)[0]?.penalty)
  const wape = (penalty: number): number => {
    const folds = [10, 15, 20].map((from) => {
      const model = fitRidge(
        matrixOf(['noise', 'base'], rows),
        target,
        Float64Array.from(day, (d) => (d < from ? 1 : 0)),
        { penalty, around: 'base' },
      )
      const inside = rows.flatMap((row, i) =>
        (day[i] ?? 0) >= from && (day[i] ?? 0) < from + 5 ? [{ y: target[i] ?? 0, f: predictRow(model, row) }] : [],
      )
      return (
        inside.reduce((sum, { y, f }) => sum + Math.abs(y - f), 0) / inside.reduce((sum, { y }) => sum + Math.abs(y), 0)
      )
    })
    return folds.reduce((a, b) => a + b, 0) / 3
  }
  for (const { penalty, wape: found } of chosen.tried) expect(found).toBeCloseTo(wape(penalty), 12)
})

test('a training set becomes rows of numbers in the order of the features; null is NaN', () => {
  const batch = columnBatch({ b: { type: 'double', values: [1, null] }, n: { type: 'bigint', values: [3n, 4n] } })
  expect(featureMatrix(batch, ['n', 'b'])).toEqual({
    rows: 2,
    features: ['n', 'b'],
    values: Float64Array.of(3, 1, 4, Number.NaN),
  })
  expect(() => numbersOf(batch, 'c')).toThrow('the training set has no column c; it has b, n')
})

test('golden rows have the predictions of the fitted model, one of them with a missing value', () => {
  const features = ['customer_season__day_1d_7', 'calendar__weekend']
  const matrix = matrixOf(features, [
    [5, 0],
    [1, 1],
    [4, 0],
    [2, 1],
  ])
  const model = fitRidge(matrix, Float64Array.of(6, 2, 5, 3.5), new Float64Array(4).fill(1), {
    penalty: 0.1,
    around: 'customer_season__day_1d_7',
  })
  expect(goldenRows(matrix, model)).toMatchObject({
    inputs: [
      [5, false],
      [4, false],
      [2, true],
      [null, false],
    ].map(([week, weekend]) => ({ customer_season__day_1d_7: week, calendar__weekend: weekend })),
    outputs: {
      next_day_kwh: [
        [5, 0],
        [4, 0],
        [2, 1],
        [Number.NaN, 0],
      ].map((row) => predictRow(model, row)),
    },
  })
})

test('answers of the file that are not those of the fitted model are refused, with the row', () => {
  const matrix = matrixOf(['a'], [[1], [2], [3], [4]])
  const model = fitRidge(matrix, Float64Array.of(2, 4, 6, 8.5), Float64Array.of(1, 1, 1, 1), {
    penalty: 1e-6,
    around: 'a',
  })
  const answers = Float32Array.from({ length: 4 }, (_, row) => predictRow(model, matrix.values.subarray(row, row + 1)))
  expect(() => refuseOtherAnswers(matrix, model, answers)).not.toThrow()
  expect(() => refuseOtherAnswers(matrix, model, answers.with(2, 3))).toThrow(
    /^for row 2 the registered file predicts 3 and the fitted model 6/,
  )
  expect(() => refuseOtherAnswers(matrix, model, answers.subarray(0, 3))).toThrow(
    'for row 3 the registered file predicts NaN',
  )
})
