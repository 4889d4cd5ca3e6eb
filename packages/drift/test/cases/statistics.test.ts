import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  benjaminiHochberg,
  chiSquareTail,
  chiSquareTest,
  compareArrays,
  gTest,
  hellinger,
  jensenShannon,
  kolmogorovTail,
  ksStatistic,
  ksTest,
  kullbackLeibler,
  lInfinity,
  mannWhitney,
  normalTail,
  populationStability,
  profileReference,
  runDrift,
  smoothedShares,
  totalVariation,
  twoProportions,
  wasserstein,
} from '../../src/index.ts'
import { disagreement } from '../oracle/fixtures.ts'
import { columnResult, metricOf, now } from '../tables.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
function ks(reference: readonly number[], current: readonly number[]): { readonly d: number; readonly p: number } {
  const gap = ksStatistic(
    reference.toSorted((a, b) => a - b),
    current.toSorted((a, b) => a - b),
  )
  return { d: gap.statistic, p: ksTest(gap.statistic, reference.length, current.length) }
}
const five = [1, 2, 3, 4, 5]
const moved = [3, 4, 5, 6, 7]

describe('cases 1 to 19: statistics', () => {
  it('1: KS of five numbers moved by two', () => {
    expect(disagreement(ks(five, moved).d, 0.4)).toBeNull()
    expect(disagreement(ks(five, moved).p, 0.873015873015873)).toBeNull()
  })
  it('2: KS with ties', () => {
    expect(disagreement(ks([1, 1, 1, 2], [1, 2, 2, 2]).d, 0.5)).toBeNull()
    expect(disagreement(ks([1, 1, 1, 2], [1, 2, 2, 2]).p, 0.7714285714, 1e-9)).toBeNull()
  })
  it('3: a constant against the same constant', () => {
    const { metrics } = compareArrays(repeat(10, 5), repeat(20, 5))
    const of = (name: Parameters<typeof metricOf>[1]) => metricOf({ metrics }, name)
    expect([of('ks').value, of('ks').p, of('jsDistance').value, of('wasserstein').value, of('psi').value]).toEqual([
      0, 1, 0, 0, 0,
    ])
  })
  it('4: a constant that moved: Wasserstein over σ is undefined with a reason, KS shows it', () => {
    const { metrics } = compareArrays(repeat(10, 5), repeat(20, 6))
    expect(metricOf({ metrics }, 'ks').value).toBe(1)
    expect(disagreement(metricOf({ metrics }, 'ks').p ?? Number.NaN, 6.656678e-8, 1e-6)).toBeNull()
    const scaled = metricOf({ metrics }, 'wassersteinStd')
    expect(scaled.value).toBeNull()
    expect(scaled.reason).toMatch(/standard deviation is 0/)
  })
  it('5: ties of doubles are not ties of decimals', async () => {
    const reference = Array.from({ length: 1000 }, (_, i) => i / 1000)
    const current = reference.map((x) => x + 0.05)
    expect(disagreement(ks(reference, current).d, 0.051)).toBeNull()
    expect(disagreement(ks(reference, current).p, 0.14836452079)).toBeNull()
    await warehouse.run(
      sql`
        CREATE OR REPLACE TABLE dec_ref AS
        SELECT CAST(i AS DECIMAL(9, 3)) / 1000 AS d, CAST(CAST(i AS DECIMAL(9, 3)) / 1000 AS DECIMAL(9, 3)) AS x
        FROM range(1000) AS t(i)
      `,
    )
    await warehouse.run(
      sql`CREATE OR REPLACE TABLE dec_cur AS SELECT CAST(x + CAST('0.050' AS DECIMAL(9, 3)) AS DECIMAL(9, 3)) AS x FROM dec_ref`,
    )
    const columns = [{ name: 'x', type: { decimal: [9, 3] as const } }]
    const profile = await profileReference(warehouse, {
      name: 'decimals',
      relation: sql`SELECT x FROM dec_ref`,
      columns,
      now,
    })
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation: 'dec_cur' },
      reference: 'dec_ref',
      policy: { exact: 'always' },
      now,
      record: false,
    })
    expect(metricOf(columnResult(result, 'x'), 'ks').value).toBe(0.05)
  })
  it('6: KS beyond 10 000 rows', () => {
    const reference = Array.from({ length: 20_000 }, (_, i) => i / 20_000)
    const current = Array.from({ length: 15_000 }, (_, i) => (i / 15_000) ** 1.02)
    expect(disagreement(ks(reference, current).d, 0.00735)).toBeNull()
    expect(disagreement(ks(reference, current).p, 0.7405433508, 1e-9)).toBeNull()
  })
  it('7: Wasserstein of five numbers moved by two, raw and over the population σ', () => {
    expect(disagreement(wasserstein(five, moved), 2, 1e-15)).toBeNull()
    expect(
      disagreement(metricOf(compareArrays(five, moved), 'wassersteinStd').value ?? Number.NaN, Math.SQRT2),
    ).toBeNull()
  })
  it('8: Wasserstein of unequal sizes', () =>
    expect(disagreement(wasserstein([0, 1, 3], [5, 6, 8, 9]), 5.666666666667, 1e-12)).toBeNull())
  it('9: distances of shares', () => {
    const p = [0.1, 0.2, 0.3, 0.4]
    const q = repeat(4, 0.25)
    expect(disagreement(jensenShannon(p, q), 0.200503322531)).toBeNull()
    expect(disagreement(jensenShannon(p, q) ** 2, 0.040201582346)).toBeNull()
    expect(disagreement(jensenShannon(p, q) * Math.sqrt(Math.LN2), 0.166929965726)).toBeNull()
    expect(disagreement(kullbackLeibler(p, q), 0.106440135286)).toBeNull()
    expect(disagreement(kullbackLeibler(q, p), 0.121777274287)).toBeNull()
    expect(disagreement(populationStability(p, q), 0.228217409574)).toBeNull()
    expect(disagreement(hellinger(p, q), 0.167899596403)).toBeNull()
    expect(disagreement(totalVariation(p, q), 0.2)).toBeNull()
    expect(disagreement(lInfinity(p, q), 0.15)).toBeNull()
  })
  it('10: nothing in common', () => {
    expect(jensenShannon([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5])).toBe(1)
    expect(disagreement(jensenShannon([1, 0], [0, 1]) * Math.sqrt(Math.LN2), 0.832554611158)).toBeNull()
    expect(populationStability(smoothedShares([100, 0]), smoothedShares([0, 100]))).toBeLessThan(20)
  })
  it('11: shares that are not exact in binary', () => {
    expect(jensenShannon([0.1, 0.2, 0.7], [0.1, 0.2, 0.7])).toBe(0)
    expect(hellinger([0.1, 0.2, 0.7], [0.1, 0.2, 0.7])).toBe(0)
  })
  it('12: χ² of three categories', () => {
    const test = chiSquareTest([50, 30, 20], [30, 30, 40])
    expect(disagreement(test.statistic, 11.666666667)).toBeNull()
    expect(disagreement(test.p, 0.00292829969, 2e-9)).toBeNull()
    expect(disagreement(test.cramersV, 0.24152294577)).toBeNull()
    expect(test.degrees).toBe(2)
  })
  it('13: χ² with a new category', () => {
    const test = chiSquareTest([50, 30, 20, 0], [30, 30, 30, 10])
    expect(disagreement(test.statistic, 17)).toBeNull()
    expect(disagreement(test.p, 0.000706742, 1e-6)).toBeNull()
    expect(test.degrees).toBe(3)
  })
  it('14: two proportions, equal to χ² without Yates', () => {
    const test = twoProportions(60, 100, 45, 100)
    expect(disagreement(Math.abs(test.z), 2.123976976)).toBeNull()
    expect(disagreement(test.p, 0.033672068856)).toBeNull()
    expect(disagreement(test.p, chiSquareTest([60, 40], [45, 55]).p, 1e-12)).toBeNull()
  })
  it('15: G of case 12', () => {
    expect(disagreement(gTest([50, 30, 20], [30, 30, 40]).statistic, 11.849392256)).toBeNull()
    expect(disagreement(gTest([50, 30, 20], [30, 30, 40]).p, 0.002672619696)).toBeNull()
  })
  it('16: far tails', () => {
    expect(disagreement(chiSquareTail(200, 50), 7.857610724654791e-20)).toBeNull()
    expect(disagreement(chiSquareTail(500, 100), 1.720121005369523e-54)).toBeNull()
    expect(disagreement(normalTail(10), 7.61985302416047e-24)).toBeNull()
  })
  it('17: Kolmogorov', () => {
    expect(disagreement(kolmogorovTail(0.5), 0.963945243665)).toBeNull()
    expect(disagreement(kolmogorovTail(1), 0.269999671677)).toBeNull()
    expect(disagreement(kolmogorovTail(1.36), 0.049485876755)).toBeNull()
    expect(disagreement(kolmogorovTail(2), 6.709252558e-4)).toBeNull()
    expect(disagreement(kolmogorovTail(10), 2.767793e-87, 1e-6)).toBeNull()
  })
  it('18: Benjamini and Hochberg', () => {
    const expected = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714285714, 0.216, 0.216, 0.216]
    for (const [index, q] of benjaminiHochberg([
      0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216,
    ]).entries())
      expect(disagreement(q, expected[index] ?? 0)).toBeNull()
  })
  it('19: Mann-Whitney is two-sided', () => {
    expect(disagreement(mannWhitney(five, moved).p, 0.113846298, 1e-8)).toBeNull()
    expect(mannWhitney(moved, five).p).toBe(mannWhitney(five, moved).p)
  })
})
