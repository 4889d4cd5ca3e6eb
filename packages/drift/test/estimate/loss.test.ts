import { openDuckDb, type ColumnInput, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  calibrateLoss,
  estimatePerformance,
  type LossCalibration,
  type LossTree,
  type PerformanceEstimate,
} from '../../src/index.ts'
import { normal, uniform } from '../random.ts'
import { double, tableOf, text } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
})
afterAll(() => warehouse.close())

interface Row {
  readonly prediction: number
  readonly truth: number
  readonly load: number | null
  readonly site: string | null
}

const SITES = ['north', 'south', 'east']
const start = Date.parse('2026-01-01T00:00:00Z')

/** Errors are twice as large in the south, grow with the load beyond 5, and are larger where the load is not known. */
function rowsOf(
  count: number,
  seed: number,
  { south = 0.2, error = 1 }: { south?: number; error?: number } = {},
): Row[] {
  const [draw, bell] = [uniform(seed), normal(seed + 1)]
  return Array.from({ length: count }, () => {
    const site = draw() < south ? 'south' : draw() < 0.5 ? 'north' : 'east'
    const load = draw() < 0.1 ? null : draw() * 10
    const size = (site === 'south' ? 2 : 1) * (load === null ? 3 : 1 + Math.max(0, load - 5) / 2)
    const prediction = 50 + 10 * draw()
    return { prediction, truth: prediction + error * size * bell(), load, site: draw() < 0.02 ? null : site }
  })
}

const instants = (rows: readonly Row[]): ColumnInput => ({
  type: 'timestamp',
  values: rows.map((_, index) => new Date(start + index * 60_000)),
})

const stored = (rows: readonly Row[], labelled = true): Promise<string> =>
  tableOf(warehouse, {
    ts: instants(rows),
    kwh: double(rows.map(({ prediction }) => prediction)),
    real: double(rows.map(({ truth }) => (labelled ? truth : null))),
    load: double(rows.map(({ load }) => load)),
    site: text(rows.map(({ site }) => site)),
  })

const shape = { prediction: 'kwh', label: 'real', features: ['load', 'site'] }

async function estimate(
  calibration: LossCalibration,
  rows: readonly Row[],
  labelled = true,
): Promise<PerformanceEstimate> {
  const [found] = await estimatePerformance({ warehouse, calibration, relation: await stored(rows, labelled) })
  if (found === undefined) throw new Error('no estimate')
  return found
}

const values = (of: PerformanceEstimate) =>
  of.metrics.map(({ metric, value, realised, reference, low, high }) => ({
    metric,
    value: value ?? Number.NaN,
    realised: realised ?? Number.NaN,
    reference: reference ?? Number.NaN,
    low: low ?? Number.NaN,
    high: high ?? Number.NaN,
  }))

/** The trees, walked in TypeScript. */
function expectedOf({ features, absolute }: LossCalibration, row: Row): number {
  const numbers = [row.prediction, row.load, row.site].map((value, index) => {
    if (typeof value !== 'string') return value
    const place = features[index]?.values?.indexOf(value) ?? -1
    return place < 0 ? null : place
  })
  const walk = (tree: LossTree): number => {
    if ('value' in tree) return tree.value
    const value = numbers[tree.feature] ?? null
    return walk((value === null ? tree.missingLow : value <= tree.at) ? tree.low : tree.high)
  }
  const sum = absolute.trees.trees.reduce((total, tree) => total + walk(tree), absolute.trees.base)
  return Math.max(0, sum) * absolute.scale
}

describe('performance of a regression without labels', () => {
  let calibration: LossCalibration
  let reference: Row[]
  beforeAll(async () => {
    reference = rowsOf(8000, 1)
    calibration = await calibrateLoss(warehouse, { relation: await stored(reference), ...shape, time: 'ts' })
  })

  it('knows the errors of the reference exactly', () => {
    const errors = reference.map(({ prediction, truth }) => truth - prediction)
    expect(calibration.rows).toBe(8000)
    const mae = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length
    const rmse = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
    expect(calibration.performance.mae).toBeCloseTo(mae, 7)
    expect(calibration.performance.rmse).toBeCloseTo(rmse, 7)
  })

  it('estimates in the warehouse what its trees say of each row', async () => {
    const rows = rowsOf(700, 3, { south: 0.5 })
    const expected = rows.reduce((sum, row) => sum + expectedOf(calibration, row), 0) / rows.length
    expect(calibration.absolute.trees.trees.length).toBeGreaterThan(5)
    expect(values(await estimate(calibration, rows, false))[0]?.value).toBeCloseTo(expected, 5)
  })

  it('follows a shift to rows with larger errors', async () => {
    const found = await estimate(calibration, rowsOf(8000, 5, { south: 0.7 }))
    for (const { value, realised, reference: before } of values(found)) {
      expect(realised / before).toBeGreaterThan(1.25)
      expect(Math.abs(value / realised - 1)).toBeLessThan(0.06)
    }
    expect(found.metrics.map(({ change }) => change)).toEqual(['worse', 'worse'])
    expect(found.assumption.verdict).toBe('holds')
  })

  it('cannot see errors that grow by themselves, says so, and labels show it', async () => {
    const blind = await estimate(calibration, rowsOf(2000, 7, { error: 1.5 }), false)
    expect(blind.assumption).toMatchObject({ verdict: 'untested', rows: 0 })
    expect(blind.assumption.sentence).toContain('concept drift')
    const seen = await estimate(calibration, rowsOf(2000, 7, { error: 1.5 }))
    expect(seen).toMatchObject({ status: 'doubtful', assumption: { verdict: 'broken' } })
    expect(seen.assumption.gap).toBeGreaterThan(0.35)
    expect(seen.assumption.gap).toBeLessThan(0.65)
  })

  it('doubts rows outside of the reference, and needs predictions, rows and columns', async () => {
    const far = rowsOf(400, 9).map((row, index) => (index < 40 ? { ...row, load: 99 } : row))
    expect(await estimate(calibration, far, false)).toMatchObject({
      status: 'doubtful',
      reasons: [
        expect.stringMatching(
          /^10(\.\d)? % of the rows have a feature or a prediction outside of what the reference had/,
        ),
      ],
    })
    const abroad = rowsOf(400, 9).map((row, index) => (index < 80 ? { ...row, site: 'west' } : row))
    expect((await estimate(calibration, abroad, false)).reasons).toEqual([expect.stringMatching(/^20(\.\d)? %/)])
    expect(await estimate(calibration, rowsOf(10, 11), false)).toMatchObject({ status: 'unknown', metrics: [] })
    const relation = await tableOf(warehouse, { kwh: double([1]), load: double([1]) })
    const [missing] = await estimatePerformance({ warehouse, calibration, relation })
    expect(missing?.sentence).toBe('Performance cannot be known: the rows have no column site.')
  })

  it('what a band says: 19 of 20 windows in it, when nothing changed', async () => {
    const rows = rowsOf(60 * 240, 13)
    const windows = Array.from({ length: 60 }, (_, index) => ({
      from: new Date(start + index * 240 * 60_000),
      to: new Date(start + (index + 1) * 240 * 60_000),
    }))
    const relation = await stored(rows)
    const found = await estimatePerformance({ warehouse, calibration, relation, time: 'ts', windows })
    for (const at of [0, 1]) {
      const inside = found.filter((one) => {
        const { low, high, realised } = values(one)[at] ?? { low: 0, high: 0, realised: 0 }
        return low <= realised && realised <= high
      }).length
      expect(inside).toBeGreaterThanOrEqual(53)
    }
    expect(found.every(({ status }) => status === 'estimated')).toBe(true)
  })

  it('takes no trees where errors depend on nothing', async () => {
    const [draw, bell] = [uniform(15), normal(16)]
    const rows = rowsOf(3000, 17).map((row) => ({ ...row, prediction: draw(), truth: 0 }))
    const flat = rows.map((row) => ({ ...row, truth: row.prediction + bell() }))
    const one = await calibrateLoss(warehouse, { relation: await stored(flat), ...shape })
    expect(one.absolute.trees.trees.length).toBeLessThan(3)
    expect(one.absolute.unsteady).toBeNull()
    const [mae] = values(await estimate(one, rowsOf(2000, 19, { south: 0.9 }), false))
    expect(Math.abs((mae?.value ?? 0) / one.performance.mae - 1)).toBeLessThan(0.02)
  })

  it('is the same for the same rows in another order', async () => {
    const again = await calibrateLoss(warehouse, {
      relation: await tableOf(warehouse, {
        ts: { type: 'timestamp', values: reference.map((_, i) => new Date(start + ((i * 7919) % 8000) * 60_000)) },
        ...shuffledColumns(reference),
      }),
      ...shape,
      time: 'ts',
    })
    expect(again).toEqual(calibration)
  })

  it.each([
    ['no column', { features: ['wind'] }, 'no column wind'],
    ['a time as a feature', { features: ['ts'] }, 'feature ts is a time'],
    ['few labels', {}, '400 rows with a label'],
  ])('refuses %s', async (_, given, says) => {
    const relation = await stored(rowsOf(400, 21))
    await expect(calibrateLoss(warehouse, { relation, ...shape, ...given })).rejects.toMatchObject({
      code: 'CALIBRATION_INVALID',
      message: expect.stringContaining(says),
    })
  })
})

/** The columns of rows in another order. */
function shuffledColumns(rows: readonly Row[]) {
  const at = (index: number): Row =>
    rows[(index * 7919) % rows.length] ?? { prediction: 0, truth: 0, load: null, site: SITES[0] ?? '' }
  const order = rows.map((_, index) => at(index))
  return {
    kwh: double(order.map(({ prediction }) => prediction)),
    real: double(order.map(({ truth }) => truth)),
    load: double(order.map(({ load }) => load)),
    site: text(order.map(({ site }) => site)),
  }
}
