import { describe, expect, it } from 'vitest'
import {
  benjaminiHochberg,
  chiSquareTail,
  chiSquareTest,
  gammaUpper,
  gTest,
  hellinger,
  jensenShannon,
  kolmogorovTail,
  kolmogorovTwoSidedTail,
  ksExact,
  ksStatistic,
  ksTest,
  kullbackLeibler,
  lInfinity,
  logChiSquareTail,
  logGamma,
  logGammaUpper,
  logNormalTail,
  mannWhitney,
  normalTail,
  populationStability,
  shares,
  smoothedShares,
  totalVariation,
  wasserstein,
} from '../../src/statistics/index.ts'
import { readFixtures, relativeError } from '../oracle/fixtures.ts'

const fixtures = readFixtures()
/** The promise to users: every statistic agrees with scipy to nine digits. */
const nineDigits = 1e-9

/** The row that is furthest off, as text; null when all rows agree to nine digits. */
function worst<T>(rows: readonly T[], error: (row: T) => number): string | null {
  if (rows.length === 0) return 'there are no rows'
  let found = { error: 0, row: rows[0] }
  for (const row of rows) {
    const next = error(row)
    if (!(next <= found.error)) found = { error: next, row }
  }
  return found.error < nineDigits ? null : `off by ${found.error} at ${JSON.stringify(found.row)}`
}

describe(`tails agree with scipy ${fixtures.scipy} to nine digits`, () => {
  it('regularised upper incomplete gamma, down to 1e-300', () => {
    expect(worst(fixtures.gammaUpper, ([a, x, q]) => relativeError(gammaUpper(a, x), q))).toBeNull()
    expect(Math.min(...fixtures.gammaUpper.map(([, , q]) => q))).toBeLessThan(1e-299)
  })
  it('its logarithm', () =>
    expect(worst(fixtures.gammaUpper, ([a, x, q]) => Math.abs(logGammaUpper(a, x) - Math.log(q)))).toBeNull())
  it('log gamma', () => expect(worst(fixtures.logGamma, ([x, value]) => relativeError(logGamma(x), value))).toBeNull())
  it('normal tail', () =>
    expect(worst(fixtures.normalTail, ([z, tail]) => relativeError(normalTail(z), tail))).toBeNull())
  it('log normal tail', () =>
    expect(worst(fixtures.normalTail, ([z, , tail]) => relativeError(logNormalTail(z), tail))).toBeNull())
  it('χ² tail', () =>
    expect(worst(fixtures.chiSquareTail, ([x, k, tail]) => relativeError(chiSquareTail(x, k), tail))).toBeNull())
  it('log χ² tail', () =>
    expect(worst(fixtures.chiSquareTail, ([x, k, , tail]) => Math.abs(logChiSquareTail(x, k) - tail))).toBeNull())
  it('Kolmogorov', () =>
    expect(worst(fixtures.kolmogorovTail, ([x, tail]) => relativeError(kolmogorovTail(x), tail))).toBeNull())
  it('two-sided Kolmogorov for finite n', () =>
    expect(worst(fixtures.kstwo, ([x, n, tail]) => relativeError(kolmogorovTwoSidedTail(x, n), tail))).toBeNull())
  it('exact two-sample KS', () =>
    expect(worst(fixtures.ksExact, ([n, m, scaled, p]) => relativeError(ksExact(n, m, scaled), p))).toBeNull())
})

describe('two-sample statistics agree with scipy to nine digits', () => {
  it.each(fixtures.pairs)('$name', (pair) => {
    const reference = pair.reference.toSorted((a, b) => a - b)
    const current = pair.current.toSorted((a, b) => a - b)
    const gap = ksStatistic(reference, current)
    expect(relativeError(gap.statistic, pair.ks)).toBeLessThan(nineDigits)
    expect(relativeError(ksTest(gap.statistic, reference.length, current.length), pair.p)).toBeLessThan(nineDigits)
    expect(relativeError(wasserstein(reference, current), pair.wasserstein)).toBeLessThan(nineDigits)
    if (pair.mannWhitney !== null)
      expect(relativeError(mannWhitney(reference, current).p, pair.mannWhitney)).toBeLessThan(nineDigits)
  })
  it('contingency tables', () => {
    const tables = fixtures.tables
    const all = { minimumExpected: 0 }
    expect(worst(tables, (t) => relativeError(chiSquareTest(t.reference, t.current, all).statistic, t.chi2))).toBeNull()
    expect(worst(tables, (t) => relativeError(chiSquareTest(t.reference, t.current, all).p, t.p))).toBeNull()
    expect(
      worst(tables, (t) => relativeError(chiSquareTest(t.reference, t.current, all).cramersV, t.cramersV)),
    ).toBeNull()
    expect(worst(tables, (t) => relativeError(gTest(t.reference, t.current).statistic, t.g))).toBeNull()
    expect(worst(tables, (t) => relativeError(gTest(t.reference, t.current).p, t.gP))).toBeNull()
  })
  it('distances of shares', () => {
    const tables = fixtures.tables.map((t) => ({
      t,
      p: shares(t.reference),
      q: shares(t.current),
      ps: smoothedShares(t.reference),
      qs: smoothedShares(t.current),
    }))
    expect(worst(tables, ({ t, ps, qs }) => relativeError(populationStability(ps, qs), t.psi))).toBeNull()
    expect(worst(tables, ({ t, ps, qs }) => relativeError(kullbackLeibler(ps, qs), t.kl))).toBeNull()
    expect(worst(tables, ({ t, p, q }) => relativeError(jensenShannon(p, q), t.jsDistance))).toBeNull()
    expect(worst(tables, ({ t, p, q }) => relativeError(hellinger(p, q), t.hellinger))).toBeNull()
    expect(worst(tables, ({ t, p, q }) => relativeError(totalVariation(p, q), t.tvd))).toBeNull()
    expect(worst(tables, ({ t, p, q }) => relativeError(lInfinity(p, q), t.lInfinity))).toBeNull()
  })
  it('false discovery rates', () => {
    for (const { p, q } of fixtures.benjaminiHochberg) {
      expect(
        worst(
          benjaminiHochberg(p).map((value, index) => [value, q[index] ?? Number.NaN] as const),
          ([value, expected]) => relativeError(value, expected),
        ),
      ).toBeNull()
    }
  })
})
