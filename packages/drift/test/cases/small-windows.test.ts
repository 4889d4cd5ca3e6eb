import { describe, expect, it } from 'vitest'
import { binNumbers } from '../../src/count/bin-array.ts'
import type { CountedCategories } from '../../src/count/binned-column.ts'
import { chiSquareTest, policyFrom, poolNeighbours, profileNumbers } from '../../src/index.ts'
import { categoryEvidence, numberEvidence } from '../../src/monitor/evidence-of.ts'
import { categoryProfile } from '../../src/profile/category-profile.ts'
import type { ColumnEvidence } from '../../src/verdict/evidence.ts'
import { columnP, judgeColumn } from '../../src/verdict/judge-column.ts'
import { rateChanges } from '../../src/verdict/findings/rate-changes.ts'
import { unseen } from '../../src/verdict/findings/unseen.ts'
import { countsOf, hitsOf } from '../draws.ts'
import { normal, sample, uniform } from '../random.ts'

const policy = policyFrom()
const windows = [30, 50, 100, 300] as const
const allowed = 1.5 * policy.alpha

/** Whether nulls are called changed: n and m rows, and the hits among them. */
function nullsAlert(
  rates: readonly { readonly n: number; readonly m: number; readonly hits: number; readonly now: number }[],
): boolean {
  const given = rates.map(({ n, m, hits, now }) => ({ column: 'x', hits, rows: n, currentHits: now, currentRows: m }))
  return rateChanges('nullRate', given, () => policy.nullRate, policy.alpha, String).length > 0
}

const novel = 'values that are new by chance alert in at most 1.5 times α'

/** The share of repeats that come out true. */
function share(repeats: number, happens: () => boolean): number {
  return sample(repeats, happens).filter(Boolean).length / repeats
}

function counted(counts: readonly number[]): CountedCategories {
  const found = counts.flatMap((count, cell) => (count > 0 ? [[`c${cell}`, count] as const] : []))
  return {
    rows: counts.reduce((sum, count) => sum + count, 0),
    nulls: 0,
    counts: new Map(found),
    beyond: 0,
    distinct: found.length,
  }
}

/** What unseen values a window of m rows shows against a reference of n rows. */
function unseenIn(then: readonly number[], today: readonly number[], columns = 1) {
  const one = categoryEvidence(categoryProfile({ name: 'c', type: 'text' }, counted(then)), counted(today))
  return unseen(
    Array.from({ length: columns }, () => one),
    policy,
  ).filter(({ severity }) => severity !== 'info')
}

const laws = {
  'one rare value': [0.0015, 0.4985, 0.5],
  'twenty rare values': [0.48, 0.5, ...Array.from({ length: 20 }, () => 0.001)],
  'a long tail': Array.from({ length: 299 }, (_, k) => Math.log((k + 2) / (k + 1)) / Math.log(300)),
}

/** Whether a column that is judged alone alerts, and whether the χ² of its bins or values rejects at 5 %. */
function verdict(
  evidence: ColumnEvidence,
  test: 'psi' | 'chiSquare',
): { readonly alerts: boolean; readonly rejects: boolean } {
  const { severity } = judgeColumn(evidence, columnP(evidence, policy), policy)
  const p = evidence.metrics.find(({ metric }) => metric === test)?.p ?? 1
  return { alerts: severity === 'warn' || severity === 'crit', rejects: p < 0.05 }
}

/** Five windows against each of `references` references. */
function verdicts(references: number, m: number, draw: () => number): readonly ReturnType<typeof verdict>[] {
  return sample(references, () => profileNumbers({ name: 'x', type: 'double' }, sample(1000, draw))).flatMap((column) =>
    sample(5, () =>
      verdict(numberEvidence(column, binNumbers(sample(m, draw), column.edges, column.mean ?? 0)), 'psi'),
    ),
  )
}

describe.each(windows)('windows of %i rows in which nothing changed', (m) => {
  const rates = [
    [0.0005, 1000],
    [0.002, 1000],
    [0.01, 1000],
    [0.04, 1000],
    [0.3, 1000],
    [0.02, 100],
  ] as const
  it.each(rates)('nulls at a rate of %d in %i rows: at most 1.5 times α', (rate, n) => {
    const draw = uniform(m * 1000 + Math.round(rate * 10_000))
    const alarms = share(4000, () => nullsAlert([{ n, m, hits: hitsOf(n, rate, draw), now: hitsOf(m, rate, draw) }]))
    expect(alarms).toBeLessThanOrEqual(allowed)
  })
  it.each([
    ['one rare value', 1000],
    ['twenty rare values', 1000],
    ['a long tail', 1000],
    ['twenty rare values', 100],
    ['a long tail', 100],
  ] as const)(`%s in %i rows: ${novel}`, (law, n) => {
    const draw = uniform(m * 7 + n)
    const alarms = share(2000, () => unseenIn(countsOf(n, laws[law], draw), countsOf(m, laws[law], draw)).length > 0)
    expect(alarms).toBeLessThanOrEqual(allowed)
  })
})

describe.each(windows)('columns in windows of %i rows in which nothing changed', (m) => {
  it.each([
    ['normal', normal(m)],
    [
      'whole numbers with a heavy zero',
      (
        (draw) => () =>
          Math.floor(8 * draw() ** 3)
      )(uniform(m)),
    ],
  ] as const)('%s: at most 1.5 times α alert, and χ² rejects at most 7.5 % at 5 %', (_, draw) => {
    const found = verdicts(400, m, draw)
    expect(found.filter(({ alerts }) => alerts).length / found.length).toBeLessThanOrEqual(allowed)
    expect(found.filter(({ rejects }) => rejects).length / found.length).toBeLessThanOrEqual(0.075)
  })
  it.each([
    ['ten equal values', Array.from({ length: 10 }, () => 0.1)],
    ['a long tail', laws['a long tail']],
  ])('%s: the same', (_, law) => {
    const draw = uniform(m + 5)
    const found = sample(2000, () => {
      const column = categoryProfile({ name: 'c', type: 'text' }, counted(countsOf(1000, law, draw)))
      return verdict(categoryEvidence(column, counted(countsOf(m, law, draw))), 'chiSquare')
    })
    expect(found.filter(({ alerts }) => alerts).length / found.length).toBeLessThanOrEqual(allowed)
    expect(found.filter(({ rejects }) => rejects).length / found.length).toBeLessThanOrEqual(0.075)
  })
})

describe('pooling of ordered bins', () => {
  it('ten equal deciles are five cells for 30 rows and ten for 50, whatever the rows are', () => {
    const deciles = Array.from({ length: 10 }, () => 100)
    const draw = uniform(10)
    for (const [m, cells] of [
      [30, 5],
      [50, 10],
      [300, 10],
    ] as const) {
      for (let repeat = 0; repeat < 20; repeat += 1)
        expect(poolNeighbours(deciles, countsOf(m, deciles, draw)).reference).toHaveLength(cells)
    }
    expect(poolNeighbours([3, 3, 3, 3], [100, 200, 300, 400])).toEqual({ reference: [6, 6], current: [300, 700] })
    expect(poolNeighbours([100, 0, 0, 4], [50, 7, 1, 2])).toEqual({ reference: [104], current: [60] })
    expect(poolNeighbours([0, 0, 60, 40, 0], [9, 0, 20, 30, 1])).toEqual({ reference: [60, 40], current: [29, 31] })
  })
  it('loses no row and keeps to the bins that hold enough', () => {
    const draw = uniform(11)
    for (let repeat = 0; repeat < 200; repeat += 1) {
      const [reference, current] = [
        sample(12, () => Math.floor(draw() * 30)),
        sample(12, () => Math.floor(draw() * 30)),
      ]
      const [n, m] = [reference, current].map((counts) => counts.reduce((sum, count) => sum + count, 0))
      const pooled = poolNeighbours(reference, current)
      const sums = [pooled.reference, pooled.current].map((counts) => counts.reduce((sum, count) => sum + count, 0))
      expect(sums).toEqual([n, m])
      for (const count of pooled.reference)
        expect((count * Math.min(n ?? 0, m ?? 0)) / (n ?? 1)).toBeGreaterThanOrEqual(5)
    }
  })
  it('χ² of deciles rejects as often as α, where pooling by both sides rejects three times as often', () => {
    const deciles = Array.from({ length: 10 }, () => 100)
    const draw = uniform(12)
    const found = sample(4000, () => {
      const current = countsOf(50, deciles, draw)
      const pooled = poolNeighbours(deciles, current)
      return [
        chiSquareTest(pooled.reference, pooled.current, { minimumExpected: 0 }).p < 0.05,
        chiSquareTest(deciles, current).p < 0.05,
      ] as const
    })
    const [byReference = 0, byBoth = 0] = [0, 1].map((side) => found.filter((one) => one[side]).length / found.length)
    expect(byReference).toBeLessThan(0.06)
    expect(byBoth).toBeGreaterThan(0.12)
  })
})

describe('reports on many columns in which nothing changed', () => {
  it('400 windows of 30 rows with rare nulls in 20 columns alert in at most 1.5 times α', () => {
    const draw = uniform(400)
    const columns = () =>
      sample(20, () => ({ n: 1000, m: 30, hits: hitsOf(1000, 0.002, draw), now: hitsOf(30, 0.002, draw) }))
    expect(share(400, () => nullsAlert(columns()))).toBeLessThanOrEqual(allowed)
  })
  it('one value that is new by chance weighs less among many columns', () => {
    // 2 rows of one value in 30 against 1000: p = 0.00042 each; alone it alerts
    const [then, today] = [
      [600, 400, 0],
      [18, 10, 2],
    ]
    const p = (30 * 29) / (1030 * 1029) / 2
    expect(unseenIn(then, today)).toMatchObject([{ kind: 'unseen', severity: 'warn', q: expect.closeTo(p, 9) }])
    const quiet = categoryEvidence(categoryProfile({ name: 'd', type: 'text' }, counted([600, 400])), counted([18, 12]))
    const busy = categoryEvidence(categoryProfile({ name: 'c', type: 'text' }, counted(then)), counted(today))
    expect(unseen([busy, ...Array.from({ length: 40 }, () => quiet)], policy)).toMatchObject([
      { kind: 'unseen', severity: 'info' },
    ])
  })
})

describe('what really changed in small windows', () => {
  it('a tenth of nulls where there was one in 200 is found in 100 rows, and so are five rows of a new value', () => {
    expect(nullsAlert([{ n: 1000, m: 100, hits: 5, now: 10 }])).toBe(true)
    expect(unseenIn([600, 400, 0], [60, 35, 5])).toMatchObject([{ kind: 'unseen', severity: 'warn' }])
  })
})
