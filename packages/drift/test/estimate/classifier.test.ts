import { openDuckDb, type ColumnInput, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  calibrateClassifier,
  estimatePerformance,
  isotonic,
  type ClassifierCalibration,
  type ClassifierMetric,
  type PerformanceEstimate,
} from '../../src/index.ts'
import { uniform } from '../random.ts'
import { double, tableOf, text } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
})
afterAll(() => warehouse.close())

interface Row {
  readonly score: number
  readonly truth: boolean
}

/** Scores of a model whose chance of being right is `chance(score)`; `power` below 1 shifts the rows to higher scores. */
function rowsOf(count: number, seed: number, chance: (score: number) => number, power = 1): readonly Row[] {
  const draw = uniform(seed)
  return Array.from({ length: count }, () => {
    const score = draw() ** power
    return { score, truth: draw() < chance(score) }
  })
}

const boolean = (values: readonly (boolean | null)[]): ColumnInput => ({ type: 'boolean', values })
const start = Date.parse('2026-01-01T00:00:00Z')
const minute = 60_000
const HOURS = 60

async function stored(rows: readonly Row[], labelled = true): Promise<string> {
  return tableOf(warehouse, {
    ts: { type: 'timestamp', values: rows.map((_, index) => new Date(start + index * minute)) },
    p: double(rows.map(({ score }) => score)),
    bad: boolean(rows.map(({ truth }) => (labelled ? truth : null))),
  })
}

const calibrate = async (rows: readonly Row[], timed = false): Promise<ClassifierCalibration> =>
  calibrateClassifier(warehouse, {
    relation: await stored(rows),
    score: 'p',
    label: 'bad',
    ...(timed ? { time: 'ts' } : {}),
  })

async function estimate(calibration: ClassifierCalibration, rows: readonly Row[], labelled = true) {
  const [found] = await estimatePerformance({ warehouse, calibration, relation: await stored(rows, labelled) })
  if (found === undefined) throw new Error('no estimate')
  return found
}

function metric(of: PerformanceEstimate, name: ClassifierMetric) {
  const found = of.metrics.find((one) => one.metric === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return { ...found, value: found.value ?? Number.NaN, realised: found.realised ?? Number.NaN }
}

/** Metrics of rows one by one, with a chance of the class for each. */
function rowByRow(rows: readonly { readonly score: number; readonly chance: number }[]) {
  const sum = (of: (row: { score: number; chance: number }) => number): number =>
    rows.reduce((all, row) => all + of(row), 0)
  const hits = sum(({ score, chance }) => (score >= 0.5 ? chance : 0))
  const predicted = sum(({ score }) => Number(score >= 0.5))
  const yes = sum(({ chance }) => chance)
  let [below, area] = [0, 0]
  for (const { chance } of rows.toSorted((a, b) => a.score - b.score)) {
    area += chance * below
    below += 1 - chance
  }
  return {
    accuracy: sum(({ score, chance }) => (score >= 0.5 ? chance : 1 - chance)) / rows.length,
    precision: hits / predicted,
    recall: hits / yes,
    f1: (2 * hits) / (predicted + yes),
    auc: area / (yes * below),
    logLoss: -sum(({ score, chance }) => chance * Math.log(score) + (1 - chance) * Math.log(1 - score)) / rows.length,
    brier: sum(({ score, chance }) => chance * (1 - score) ** 2 + (1 - chance) * score ** 2) / rows.length,
  }
}

const overconfident = (score: number): number => 0.5 + 0.5 * (2 * score - 1) ** 3
const names: readonly ClassifierMetric[] = ['accuracy', 'precision', 'recall', 'f1', 'auc', 'logLoss', 'brier']

describe('performance of a classifier without labels', () => {
  it('realised metrics are those of the rows, AUC within the width of bins', async () => {
    const rows = rowsOf(3000, 1, overconfident)
    const { performance } = await calibrate(rows)
    const expected = rowByRow(rows.map(({ score, truth }) => ({ score, chance: Number(truth) })))
    for (const name of names.filter((one) => one !== 'auc')) expect(performance[name]).toBeCloseTo(expected[name], 8)
    expect(Math.abs((performance.auc ?? 0) - expected.auc)).toBeLessThan(0.0005)
  })

  it('bins estimate as rows do: the same isotonic chances, row by row, within 0.0025', async () => {
    const reference = rowsOf(8000, 2, overconfident).toSorted((a, b) => a.score - b.score)
    const window = rowsOf(8000, 3, overconfident, 0.5)
    const calibration = await calibrate(reference)
    const fitted = isotonic(
      reference.map(({ truth }) => Number(truth)),
      reference.map(() => 1),
    )
    const chanceAt = (score: number): number => {
      const above = reference.findIndex((row) => row.score >= score)
      return fitted[above === -1 ? fitted.length - 1 : above] ?? 0
    }
    const expected = rowByRow(window.map(({ score }) => ({ score, chance: chanceAt(score) })))
    const found = await estimate(calibration, window, false)
    for (const name of ['accuracy', 'f1', 'auc'] as const)
      expect(Math.abs(metric(found, name).value - expected[name])).toBeLessThan(0.0025)
  })

  it('follows a shift of the rows that the reference does not have', async () => {
    const calibration = await calibrate(rowsOf(20_000, 4, overconfident))
    const found = await estimate(calibration, rowsOf(20_000, 5, overconfident, 0.5))
    for (const name of names) {
      const { value, realised, reference, low, high } = metric(found, name)
      expect(Math.abs(value - realised)).toBeLessThan(0.01)
      expect(low).toBeLessThan(realised)
      expect(high).toBeGreaterThan(realised)
      if (name === 'auc' || name === 'recall') expect(Math.abs((reference ?? 0) - realised)).toBeGreaterThan(0.02)
    }
    expect(found.assumption.verdict).toBe('holds')
    expect(found.status).toBe('estimated')
  })

  it('calibrates only where held-out rows gain by it', async () => {
    expect((await calibrate(rowsOf(4000, 6, overconfident))).classes[0]?.chances).not.toBeNull()
    expect((await calibrate(rowsOf(1000, 7, (score) => score))).classes[0]?.chances).toBeNull()
  })

  it('cannot see a change of concept without labels, says so, and with labels it is found', async () => {
    const calibration = await calibrate(rowsOf(6000, 8, overconfident))
    const changed = rowsOf(3000, 9, (score) => 0.35 * overconfident(score))
    const blind = await estimate(calibration, changed, false)
    expect(blind.status).toBe('estimated')
    expect(blind.assumption).toMatchObject({ verdict: 'untested', rows: 0, p: null })
    expect(blind.assumption.sentence).toContain('concept drift')
    const seen = await estimate(calibration, changed)
    expect(seen.status).toBe('doubtful')
    expect(seen.assumption.verdict).toBe('broken')
    expect(seen.assumption.gap).toBeGreaterThan(0.2)
    expect(seen.reasons[0]).toContain('no longer come true')
  })

  it('does not estimate what it cannot: other scores, no scores, few rows, no column', async () => {
    const middle = rowsOf(3000, 10, (score) => score).map((row) => ({ ...row, score: 0.3 + row.score * 0.4 }))
    const calibration = await calibrate(middle)
    const outside = await estimate(
      calibration,
      rowsOf(500, 11, (score) => score),
      false,
    )
    expect(outside.status).toBe('doubtful')
    expect(outside.reasons).toEqual([expect.stringMatching(/^(5|6)\d(\.\d)? % of the rows have a score below/)])
    const broken = middle.slice(0, 500).map((row, index) => (index % 4 === 0 ? { ...row, score: 55 } : row))
    const unscored = await estimate(calibration, broken, false)
    expect(unscored).toMatchObject({ rows: 375, unscored: 125, status: 'doubtful' })
    expect(await estimate(calibration, middle.slice(0, 20), false)).toMatchObject({ status: 'unknown', metrics: [] })
    const other = await tableOf(warehouse, { q: double([0.1]) })
    const [missing] = await estimatePerformance({ warehouse, calibration, relation: other })
    expect(missing).toMatchObject({
      status: 'unknown',
      sentence: 'Performance cannot be known: the rows have no column p.',
    })
  })

  it('what a band says: 19 of 20 windows in it, and the test of the assumption is rarely wrong', async () => {
    const calibration = await calibrate(rowsOf(4000, 12, overconfident))
    const rows = rowsOf(80 * HOURS * 5, 13, overconfident, 0.7)
    const windows = Array.from({ length: 80 }, (_, index) => ({
      from: new Date(start + index * HOURS * 5 * minute),
      to: new Date(start + (index + 1) * HOURS * 5 * minute),
    }))
    const relation = await stored(rows)
    const found = await estimatePerformance({ warehouse, calibration, relation, time: 'ts', windows })
    expect(found.map((one) => one.rows)).toEqual(windows.map(() => HOURS * 5))
    for (const name of names) {
      const inside = found.filter((one) => {
        const { low, high, realised } = metric(one, name)
        return (low ?? 0) <= realised && realised <= (high ?? 0)
      }).length
      expect(inside).toBeGreaterThanOrEqual(0.9 * windows.length)
      expect(inside).toBeLessThan(windows.length)
    }
    let broken = 0
    for (let run = 0; run < 12; run += 1) {
      const one = await estimate(calibration, rowsOf(400, 100 + run, overconfident, 0.7))
      if (one.assumption.verdict === 'broken') broken += 1
    }
    expect(broken).toBeLessThanOrEqual(1)
  })

  it('a reference whose stretches differ gives wider bands', async () => {
    const restless = Array.from({ length: 10 }, (_, block) =>
      rowsOf(600, 20 + block, (score) => Math.min(1, score * (block % 2 === 0 ? 0.6 : 1.2))),
    ).flat()
    const [timed, untimed] = [await calibrate(restless, true), await calibrate(restless)]
    expect(untimed.unsteady).toBeNull()
    expect(timed.unsteady?.blocks).toBe(10)
    expect(timed.unsteady?.spread.recall).toBeLessThan(0.02)
    expect(timed.unsteady?.spread.precision).toBeGreaterThan(0.1)
    const window = rowsOf(600, 40, (score) => score * 0.6)
    const width = async (calibration: ClassifierCalibration): Promise<number> => {
      const { low, high } = metric(await estimate(calibration, window, false), 'precision')
      return (high ?? 0) - (low ?? 0)
    }
    expect(await width(timed)).toBeGreaterThan(3 * (await width(untimed)))
  })

  it('several classes: each against the rest', async () => {
    const classes = ['red', 'green', 'blue']
    const draw = uniform(50)
    const many = (count: number, tilt: number) =>
      Array.from({ length: count }, () => {
        const weights = [draw() ** tilt, draw(), draw()]
        const all = weights.reduce((sum, weight) => sum + weight, 0)
        const scores = weights.map((weight) => weight / all)
        const u = draw()
        const truth = u < (scores[0] ?? 0) ? 0 : u < (scores[0] ?? 0) + (scores[1] ?? 0) ? 1 : 2
        return { scores, truth }
      })
    const store = (rows: ReturnType<typeof many>) =>
      tableOf(warehouse, {
        ...Object.fromEntries(
          classes.map((name, at) => [`p_${name}`, double(rows.map(({ scores }) => scores[at] ?? 0))]),
        ),
        colour: text(rows.map(({ truth }) => classes[truth] ?? '')),
      })
    const reference = many(6000, 1)
    const calibration = await calibrateClassifier(warehouse, {
      relation: await store(reference),
      score: { red: 'p_red', green: 'p_green', blue: 'p_blue' },
      label: 'colour',
    })
    const right = reference.filter(({ scores, truth }) => Math.max(...scores) === scores[truth]).length
    expect(calibration.performance.accuracy).toBeCloseTo(right / reference.length, 8)
    const logLoss = -reference.reduce((sum, { scores, truth }) => sum + Math.log(scores[truth] ?? 0), 0)
    expect(calibration.performance.logLoss).toBeCloseTo(logLoss / reference.length, 8)
    const [found] = await estimatePerformance({ warehouse, calibration, relation: await store(many(6000, 0.3)) })
    if (found === undefined) throw new Error('no estimate')
    for (const name of ['accuracy', 'precision', 'recall', 'f1', 'auc', 'logLoss'] as const)
      expect(Math.abs(metric(found, name).value - metric(found, name).realised)).toBeLessThan(0.025)
  })

  it.each([
    ['no column', { score: 'q', label: 'bad' }, 'it has no column q'],
    ['too few labels', { score: 'p', label: 'bad' }, '150 rows with a label'],
  ])('refuses a reference with %s', async (_, columns, says) => {
    const relation = await stored(rowsOf(150, 60, (score) => score))
    await expect(calibrateClassifier(warehouse, { relation, ...columns })).rejects.toMatchObject({
      code: 'CALIBRATION_INVALID',
      message: expect.stringContaining(says),
    })
  })
  it('refuses a reference with labels of one kind only', async () => {
    await expect(calibrate(rowsOf(300, 61, () => 0))).rejects.toMatchObject({ code: 'CALIBRATION_INVALID' })
  })
})
