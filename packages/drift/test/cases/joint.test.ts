import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Warehouse } from '@martlet/warehouse'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { policyFrom } from '../../src/index.ts'
import { separate, type Separation } from '../../src/joint/domain-classifier.ts'
import { rankArea } from '../../src/joint/rank-area.ts'
import { normal, sample, uniform } from '../random.ts'
import { compareTables, double, text, type Columns } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(async () => {
  await warehouse.close()
})

/** Two columns that go together by `rho`, one that does not, and a category. */
function rows(seed: number, count: number, rho: number): Columns {
  const draw = normal(seed)
  const a = sample(count, draw)
  return {
    a: double(a),
    b: double(a.map((value) => rho * value + Math.sqrt(1 - rho * rho) * draw())),
    c: double(sample(count, draw)),
    d: text(sample(count, () => (draw() > 0 ? 'x' : 'y'))),
  }
}

describe('all columns together', () => {
  it('show that two columns no longer go together although each is as it was', async () => {
    const { result } = await compareTables(warehouse, rows(1, 2000, 0.9), rows(2, 2000, 0), {}, true)
    const [window] = result.windows
    expect(window?.columns.map(({ severity }) => severity)).toEqual(['none', 'none', 'none', 'none'])
    expect(window?.joint?.used[0]?.columns).toEqual(['a', 'b'])
    expect(window?.joint?.auc).toBeGreaterThan(0.7)
    expect(window?.joint?.interval[0]).toBeGreaterThan(0.65)
    expect(window?.findings).toMatchObject([{ kind: 'joint', severity: 'crit' }])
    expect(result.sentence).toMatch(
      /^A and b no longer go together as they did \(AUC 0\.\d\d, 0\.5 is chance; p < 1e-12\)\./,
    )
    expect(result.exitCode).toBe(1)
  })
  it('say nothing when nothing changed, nor when the policy turns them off or there are no reference rows', async () => {
    const [reference, current] = [rows(1, 600, 0.9), rows(3, 600, 0.9)]
    const { result } = await compareTables(warehouse, reference, current, {}, true)
    expect(result.windows[0]?.joint).toMatchObject({ severity: 'none', rows: { reference: 600, current: 600 } })
    expect(result.status).toBe('ok')
    const off = await compareTables(warehouse, reference, current, { joint: 'off' }, true)
    expect(off.result.windows[0]?.joint).toBeUndefined()
    expect((await compareTables(warehouse, reference, current)).result.windows[0]?.joint).toBeUndefined()
  })
  it('say nothing of columns that have one value only', async () => {
    const constant: Columns = { a: double(sample(300, () => 1)), b: text(sample(300, () => 'x')) }
    const { result } = await compareTables(warehouse, constant, constant, {}, true)
    expect(result.windows[0]?.joint).toMatchObject({ auc: 0.5, p: 1, used: [], severity: 'none' })
    expect(result.windows[0]?.joint?.sentence).not.toContain('NaN')
  })
  it('are no finding of their own where a column has changed anyway', async () => {
    const moved = rows(4, 600, 0.9)
    const shifted = { ...moved, c: double(sample(600, normal(9)).map((value) => value + 1)) }
    const { result } = await compareTables(warehouse, rows(1, 600, 0.9), shifted, {}, true)
    expect(result.windows[0]?.joint?.severity).toBe('info')
    expect(result.windows[0]?.findings).toEqual([])
    expect(result.windows[0]?.causes.map(({ head }) => head)).toEqual(['c'])
  })
  it('give the same figures when rows are shuffled and repeated values are many', async () => {
    const { c: _, b: __, ...few } = rows(5, 400, 0)
    const coarse = { ...few, a: double(sample(400, uniform(6)).map((value) => Math.round(value * 3))) }
    const turned = Object.fromEntries(
      Object.entries(coarse).map(([name, { type, values }]) => [name, { type, values: [...values].reverse() }]),
    ) as Columns
    const other = rows(7, 400, 0)
    const reference = {
      a: double(sample(400, uniform(8)).map((value) => Math.round(value * 3))),
      d: other['d'] ?? text([]),
    }
    const one = await compareTables(warehouse, reference, coarse, {}, true)
    const two = await compareTables(warehouse, reference, turned, {}, true)
    expect(one.result.windows[0]?.joint).toBeDefined()
    expect(two.result.windows[0]?.joint).toEqual(one.result.windows[0]?.joint)
  })
  it('refuse floors that are out of order', () => {
    expect(() => policyFrom({ auc: { warn: 0.8, crit: 0.7 } })).toThrow('auc')
  })
})

/** Codes of columns, the first two of which go together. */
function codes(seed: number, count: number, rho: number): readonly Uint8Array[] {
  const draw = normal(seed)
  const code = (value: number): number => 1 + Math.max(0, Math.min(19, Math.floor(10 + 4 * value)))
  const a = sample(count, draw)
  const b = a.map((value) => rho * value + Math.sqrt(1 - rho * rho) * draw())
  return [a, b, sample(count, draw)].map((values) => Uint8Array.from(values, code))
}

function separated(seed: number, [n, m]: readonly [number, number], rho: number): Separation {
  const [reference, current] = [codes(2 * seed, n, 0.8), codes(2 * seed + 1, m, rho)]
  return separate(
    reference.map((column, index) => ({
      name: `c${index}`,
      reference: column,
      current: current[index] ?? new Uint8Array(),
    })),
  )
}

describe('the domain classifier', () => {
  it('is wrong no more often than it says when nothing changed', () => {
    const runs = Array.from({ length: 120 }, (_, seed) => separated(seed + 1, [200, 100], 0.8))
    expect(runs.filter(({ p }) => p < 0.05).length / runs.length).toBeLessThanOrEqual(1.5 * 0.05)
    expect(runs.filter(({ p, auc }) => p < 0.01 && auc >= 0.6).length / runs.length).toBeLessThanOrEqual(1.5 * 0.01)
    const covered = runs.filter(({ interval: [low, high] }) => low <= 0.5 && 0.5 <= high).length / runs.length
    expect(covered).toBeGreaterThanOrEqual(0.925)
  })
  it('finds a correlation of 0.8 that is gone in 500 rows of each side, always', () => {
    const runs = Array.from({ length: 8 }, (_, seed) => separated(seed + 1, [500, 500], 0))
    expect(runs.every(({ p, auc }) => p < 0.01 && auc >= 0.6)).toBe(true)
    expect(runs.every(({ used }) => used[0]?.columns.join() === 'c0,c1')).toBe(true)
  })
  it('measures the area under the curve with ties, and its variance as DeLong', () => {
    const area = rankArea([1, 2, 2, 3], [2, 3, 4])
    // Pairs won: 2 beats 1, ties twice; 3 beats three, ties once; 4 beats all: 2 + 3.5 + 4 of 12.
    expect(area.auc).toBeCloseTo(9.5 / 12, 12)
    // V10 = (.5, .875, 1), V01 = (1, 5/6, 5/6, .5): variances .0677083 and .0439815 over 3 and 4.
    expect(area.variance).toBeCloseTo(0.0677083333 / 3 + 0.0439814815 / 4, 8)
  })
})
