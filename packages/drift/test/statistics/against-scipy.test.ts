import { describe, expect, it } from 'vitest'
import {
  benjaminiHochberg, chiSquareTail, chiSquareTest, gammaUpper, gTest, hellinger, jensenShannon, kolmogorovTail, kolmogorovTwoSidedTail,
  ksExact, ksStatistic, ksTest, kullbackLeibler, lInfinity, logChiSquareTail, logGamma, logGammaUpper, logNormalTail, mannWhitney, normalTail,
  populationStability, shares, smoothedShares, totalVariation, wasserstein,
} from '../../src/statistics/index.ts'
import { readFixtures, relativeError } from '../oracle/fixtures.ts'

const fixtures = readFixtures()
/** The promise to users: every statistic agrees with scipy to nine digits. */
const nineDigits = 1e-9

function worst<T>(rows: readonly T[], error: (row: T) => number): { readonly error: number; readonly row: T | undefined } {
  return rows.reduce<{ error: number; row: T | undefined }>(
    (found, row) => {
      const next = error(row)
      return next > found.error || Number.isNaN(next) ? { error: next, row } : found
    },
    { error: 0, row: undefined },
  )
}

function agrees<T>(rows: readonly T[], error: (row: T) => number): void {
  expect(rows.length).toBeGreaterThan(0)
  const found = worst(rows, error)
  expect(found.error, `worst at ${JSON.stringify(found.row)}`).toBeLessThan(nineDigits)
}

describe(`tails agree with scipy ${fixtures.scipy} to nine digits`, () => {
  it('regularised upper incomplete gamma, down to 1e-300', () => {
    agrees(fixtures.gammaUpper, ([a, x, q]) => relativeError(gammaUpper(a, x), q))
    expect(Math.min(...fixtures.gammaUpper.map(([, , q]) => q))).toBeLessThan(1e-299)
  })
  it('its logarithm', () => agrees(fixtures.gammaUpper, ([a, x, q]) => Math.abs(logGammaUpper(a, x) - Math.log(q))))
  it('log gamma', () => agrees(fixtures.logGamma, ([x, value]) => relativeError(logGamma(x), value)))
  it('normal tail', () => agrees(fixtures.normalTail, ([z, tail]) => relativeError(normalTail(z), tail)))
  it('log normal tail', () => agrees(fixtures.normalTail, ([z, , tail]) => relativeError(logNormalTail(z), tail)))
  it('χ² tail', () => agrees(fixtures.chiSquareTail, ([x, k, tail]) => relativeError(chiSquareTail(x, k), tail)))
  it('log χ² tail', () => agrees(fixtures.chiSquareTail, ([x, k, , tail]) => Math.abs(logChiSquareTail(x, k) - tail)))
  it('Kolmogorov', () => agrees(fixtures.kolmogorovTail, ([x, tail]) => relativeError(kolmogorovTail(x), tail)))
  it('two-sided Kolmogorov for finite n', () => agrees(fixtures.kstwo, ([x, n, tail]) => relativeError(kolmogorovTwoSidedTail(x, n), tail)))
  it('exact two-sample KS', () => agrees(fixtures.ksExact, ([n, m, scaled, p]) => relativeError(ksExact(n, m, scaled), p)))
})

describe('two-sample statistics agree with scipy to nine digits', () => {
  it.each(fixtures.pairs)('$name', (pair) => {
    const reference = pair.reference.toSorted((a, b) => a - b)
    const current = pair.current.toSorted((a, b) => a - b)
    const gap = ksStatistic(reference, current)
    expect(relativeError(gap.statistic, pair.ks)).toBeLessThan(nineDigits)
    expect(relativeError(ksTest(gap.statistic, reference.length, current.length), pair.p)).toBeLessThan(nineDigits)
    expect(relativeError(wasserstein(reference, current), pair.wasserstein)).toBeLessThan(nineDigits)
    if (pair.mannWhitney !== null) expect(relativeError(mannWhitney(reference, current).p, pair.mannWhitney)).toBeLessThan(nineDigits)
  })
  it('contingency tables', () => {
    const tables = fixtures.tables
    const all = { minimumExpected: 0 }
    agrees(tables, (t) => relativeError(chiSquareTest(t.reference, t.current, all).statistic, t.chi2))
    agrees(tables, (t) => relativeError(chiSquareTest(t.reference, t.current, all).p, t.p))
    agrees(tables, (t) => relativeError(chiSquareTest(t.reference, t.current, all).cramersV, t.cramersV))
    agrees(tables, (t) => relativeError(gTest(t.reference, t.current).statistic, t.g))
    agrees(tables, (t) => relativeError(gTest(t.reference, t.current).p, t.gP))
  })
  it('distances of shares', () => {
    const tables = fixtures.tables.map((t) => ({ t, p: shares(t.reference), q: shares(t.current), ps: smoothedShares(t.reference), qs: smoothedShares(t.current) }))
    agrees(tables, ({ t, ps, qs }) => relativeError(populationStability(ps, qs), t.psi))
    agrees(tables, ({ t, ps, qs }) => relativeError(kullbackLeibler(ps, qs), t.kl))
    agrees(tables, ({ t, p, q }) => relativeError(jensenShannon(p, q), t.jsDistance))
    agrees(tables, ({ t, p, q }) => relativeError(hellinger(p, q), t.hellinger))
    agrees(tables, ({ t, p, q }) => relativeError(totalVariation(p, q), t.tvd))
    agrees(tables, ({ t, p, q }) => relativeError(lInfinity(p, q), t.lInfinity))
  })
  it('false discovery rates', () => {
    for (const { p, q } of fixtures.benjaminiHochberg) {
      agrees(benjaminiHochberg(p).map((value, index) => [value, q[index] ?? Number.NaN] as const), ([value, expected]) => relativeError(value, expected))
    }
  })
})
