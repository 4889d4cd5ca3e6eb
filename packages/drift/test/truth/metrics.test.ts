import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { runTruth, studentQuantile, type GroupPerformance, type TruthRequest } from '../../src/index.ts'
import { normal, sample, uniform } from '../random.ts'
import { anHourLater, tablesOf, type Pair } from './predicted.ts'
import { jackknife, slow, type Observed } from './slow-twin.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const now = new Date('2026-02-01T00:00:00Z')
const windows = [{ from: new Date('2026-01-10T00:00:00Z'), to: new Date('2026-01-11T00:00:00Z') }]
const at = (i: number): Date => new Date(Date.UTC(2026, 0, 10) + i * 60_000)

async function groupsOf(name: string, pairs: readonly Pair[], change: Partial<TruthRequest> = {}) {
  const { table, labels } = await tablesOf(warehouse, name, pairs)
  const result = await runTruth({
    warehouse,
    model: name,
    table,
    keys: ['customer_id'],
    labels: { table: labels, ...anHourLater },
    windows,
    now,
    record: false,
    ...change,
  })
  return result.windows[0]?.performance?.groups ?? []
}

const figure = (group: GroupPerformance | undefined, metric: string) => {
  const found = group?.metrics.find((one) => one.metric === metric)
  if (found === undefined) throw new Error(`no ${metric}`)
  return found
}

/** Chances and outcomes of 40 entities, whose rows are alike. */
function chances(seed: number): readonly Pair[] {
  const [draw, gauss] = [uniform(seed), normal(seed + 1)]
  const moods = sample(40, gauss)
  return Array.from({ length: 600 }, (_, i) => {
    const entity = i % 40
    const p = Math.round(100 / (1 + Math.exp(-((moods[entity] ?? 0) + gauss())))) / 100
    const y = draw() < 0.8 * p + 0.1 ? 1 : 0
    return { at: at(i), entity: `c${entity}`, p, y, segment: i % 3 === 0 ? 'north' : i % 3 === 1 ? 'south' : null }
  })
}

/** Numbers with errors that entities share. */
function numbers(seed: number): readonly Pair[] {
  const gauss = normal(seed)
  const offsets = sample(40, gauss)
  return Array.from({ length: 600 }, (_, i) => {
    const y = 20 + 5 * gauss()
    const p = y + 1 + (offsets[i % 40] ?? 0) + gauss()
    return { at: at(i), entity: `c${i % 40}`, p, y, baseline: p + 2 * gauss() }
  })
}

const observed = (pairs: readonly Pair[]): readonly Observed[] =>
  pairs.map(({ entity, y, p }) => ({ c: entity, y: y ?? 0, p: p ?? 0 }))

describe('every metric is that of its slow twin, and its interval that of the jackknife', () => {
  it('of chances', async () => {
    const pairs = chances(7)
    const [group] = await groupsOf('chances', pairs, { task: 'binary' })
    for (const metric of ['auc', 'logLoss', 'brier', 'calibrationError', 'accuracy', 'precision', 'recall', 'f1'])
      check(group, metric, observed(pairs))
  })
  it('of numbers', async () => {
    const pairs = numbers(3)
    const [group] = await groupsOf('numbers', pairs)
    for (const metric of ['mae', 'rmse', 'wape', 'bias', 'relativeBias']) check(group, metric, observed(pairs))
  })
  it('of the rows of a segment', async () => {
    const pairs = chances(9)
    const groups = await groupsOf('segments', pairs, { task: 'binary', segments: ['usage__region'] })
    expect(groups.map(({ segment }) => segment?.value)).toEqual([undefined, '(none)', 'north', 'south'])
    const south = groups.find(({ segment }) => segment?.value === 'south')
    const rows = observed(pairs.filter(({ segment }) => segment === 'south'))
    for (const metric of ['auc', 'brier', 'recall']) check(south, metric, rows)
  })
})

it('a baseline is compared on the same rows, so that what both share does not count as chance', async () => {
  const pairs = numbers(5)
  const [group] = await groupsOf('beside', pairs, { baseline: { column: 'usage__last' } })
  const { value, baseline } = figure(group, 'mae')
  const rows = pairs.map(({ entity, y, p, baseline: b }) => ({ c: entity, y: y ?? 0, p: p ?? 0, b: b ?? 0 }))
  const difference = (some: typeof rows): number =>
    some.reduce((sum, { y, p, b }) => sum + Math.abs(p - y) - Math.abs(b - y), 0) / some.length
  expect(baseline?.difference).toBeCloseTo(difference(rows), 7)
  expect(baseline?.value).toBeCloseTo((value ?? 0) - difference(rows), 7)
  const [low = 0, high = 0] = baseline?.interval ?? []
  const clusters = [...new Set(rows.map(({ c }) => c))]
  const without = clusters.map((left) => difference(rows.filter(({ c }) => c !== left)))
  const middle = without.reduce((sum, one) => sum + one, 0) / clusters.length
  const error = Math.sqrt((39 / 40) * without.reduce((sum, one) => sum + (one - middle) ** 2, 0))
  expect((high - low) / 2 / (studentQuantile(0.025, 39) * error)).toBeCloseTo(1, 1)
})

function check(group: GroupPerformance | undefined, metric: string, rows: readonly Observed[]): void {
  const value = slow[metric]
  if (value === undefined) throw new Error(`no slow twin of ${metric}`)
  const found = figure(group, metric)
  expect(found.value).toBeCloseTo(value(rows), 7)
  const [low = 0, high = 0] = found.interval ?? []
  const half = studentQuantile(0.025, (group?.clusters ?? 0) - 1) * jackknife(rows, value)
  const ratio = (high - low) / 2 / half
  expect([metric, ratio, ratio > 0.93 && ratio < 1.07]).toEqual([metric, ratio, true])
  expect(group).toMatchObject({ rows: rows.length, clusters: new Set(rows.map(({ c }) => c)).size })
}
