import { describe, expect, it } from 'vitest'
import { linearRegressionOnnx, nodeRuntime } from '@martlet/registry'
import { randomOf } from '@martlet/example-logistics/random'
import { accuracyOf, pinball, quantileOf } from '../src/forecast/accuracy.ts'
import type { Matrix } from '../src/forecast/matrix.ts'
import { fitIntervals, inOrder, intervalsOf, SPREAD } from '../src/forecast/quantile-model.ts'
import { addFeature, fitQuantile, predict, prepare } from '../src/forecast/quantile-regression.ts'
import { solveSymmetric } from '../src/forecast/solve.ts'

const ROWS = 4000
const random = randomOf(11)
const values = new Float64Array(ROWS * 3)
const target = new Float64Array(ROWS)
for (let row = 0; row < ROWS; row++) {
  const [level, other, spread] = [3 * random.next(), random.normal(), 0.2 + random.next()]
  values.set([level, row % 50 === 0 ? Number.NaN : other, spread], row * 3)
  // Skewed noise that grows with the spread.
  target[row] = 1 + 2 * level + spread * (random.next() ** 2 * 4 - 1)
}
const matrix: Matrix = { rows: ROWS, features: ['level', 'other', SPREAD], values }
const rows = Int32Array.from({ length: ROWS }, (_, row) => row)
const [learnt, calibration, unseen] = [rows.slice(0, 2000), rows.slice(2000, 3000), rows.slice(3000)]

describe('linear quantile regression', () => {
  it.each([0.1, 0.5, 0.9])('has %d of the rows below it, and no smaller loss nearby', (quantile) => {
    const model = fitQuantile(prepare(matrix, target, learnt), quantile)
    const loss = (of: typeof model): number => {
      const given = predict(of, matrix)
      return learnt.reduce((sum, row) => sum + pinball(target[row] ?? 0, given[row] ?? 0, quantile), 0)
    }
    const forecast = predict(model, matrix)
    const below = learnt.filter((row) => (target[row] ?? 0) < (forecast[row] ?? 0)).length
    expect(Math.abs(below / learnt.length - quantile)).toBeLessThan(0.01)
    const best = loss(model)
    for (const by of [-0.05, 0.05]) {
      expect(loss({ ...model, bias: model.bias + by })).toBeGreaterThan(best)
      for (const feature of matrix.features)
        expect(loss(addFeature(model, feature, by))).toBeGreaterThan(best - 1e-3 * best)
    }
    // Known exactly: the quantile of (4u² − 1) is 4q² − 1, times the spread.
    const slope = (model.weights[2] ?? 0) / (model.scale[2] ?? 1)
    expect(Math.abs(slope - (4 * quantile ** 2 - 1))).toBeLessThan(0.25)
  })

  it('is what its ONNX file says', async () => {
    const model = addFeature(fitQuantile(prepare(matrix, target, learnt), 0.9), SPREAD, 0.3)
    const runtime = await nodeRuntime()
    const session = await runtime.open(linearRegressionOnnx({ ...model, output: 'kwh' }))
    try {
      const data = Float32Array.from(values)
      const given = await session.run({ features: { element: 'float32', dims: [ROWS, 3], data } }, ['kwh'])
      const answers = given['kwh']?.data
      const wanted = predict(model, matrix)
      for (const row of [0, 1, 50, 1234]) expect(Number(answers?.[row])).toBeCloseTo(wanted[row] ?? 0, 4)
    } finally {
      await session.release()
    }
  })

  it('refuses too few rows and equations without one solution', () => {
    expect(() => prepare(matrix, target, rows.slice(0, 3))).toThrow(/too few/)
    expect(() => solveSymmetric(new Float64Array([1, 1, 0, 1]), new Float64Array([1, 1]))).toThrow(/no single/)
    expect(
      [...solveSymmetric(new Float64Array([4, 1, 0, 3]), new Float64Array([1, 2]))].map((x) => x.toFixed(6)),
    ).toEqual(['0.090909', '0.636364'])
  })
})

describe('intervals', () => {
  it('hold eighty of a hundred unseen rows, also where the model was fitted on rows with less noise', () => {
    const quiet = target.map((y, row) => (row < 2000 ? y - 0.8 * (y - 1 - 2 * (values[row * 3] ?? 0)) : y))
    const plain = fitIntervals(matrix, target, learnt, calibration)
    const calm = fitIntervals(matrix, quiet, learnt, calibration)
    for (const models of [plain, calm]) {
      const { coverage, rows: judged } = accuracyOf(target, intervalsOf(models, matrix), unseen)
      expect(judged).toBe(unseen.length)
      expect(Math.abs(coverage - 0.8)).toBeLessThan(0.04)
    }
  })

  it('are in order and not below zero', () => {
    expect(inOrder(3, 1, 2)).toEqual([1, 2, 3])
    expect(inOrder(-1, -0.5, 2)).toEqual([0, 0, 2])
    expect(quantileOf([5, 1, 3, 2, 4], 0.5)).toBe(3)
    expect(quantileOf([1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9)).toBe(9)
    expect(pinball(2, 1, 0.9)).toBeCloseTo(0.9)
    expect(pinball(1, 2, 0.9)).toBeCloseTo(0.1)
  })
})
