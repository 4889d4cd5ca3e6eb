import { describe, expect, it } from 'vitest'
import { exactProportions, newValuesTest, twoProportions } from '../../src/statistics/index.ts'
import { relativeError } from '../oracle/fixtures.ts'

function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n
  let found = 1n
  for (let i = 1; i <= k; i += 1) found = (found * BigInt(n - k + i)) / BigInt(i)
  return found
}

/** A quotient of whole numbers as a double, to 17 digits also where it is tiny. */
function quotient(above: bigint, below: bigint): number {
  if (above === 0n) return 0
  const digits = BigInt(Math.max(0, below.toString().length - above.toString().length + 20))
  return Number(`${(above * 10n ** digits) / below}e-${digits}`)
}

/** Twice the smaller mid tail, in whole numbers. */
function byCounting(hits: number, n: number, currentHits: number, m: number): number {
  const marked = hits + currentHits
  const ways = (x: number): bigint => 2n * choose(marked, x) * choose(n + m - marked, m - x)
  const tail = (from: number, to: number): bigint =>
    Array.from({ length: to - from + 1 }, (_, i) => ways(from + i)).reduce((sum, way) => sum + way, 0n)
  const at = ways(currentHits) / 2n
  const [upper, lower] = [tail(currentHits + 1, m) + at, tail(0, currentHits - 1) + at]
  // `ways` are doubled, so that a half is whole; twice the tail over all ways
  return Math.min(1, quotient(upper < lower ? upper : lower, choose(n + m, m)))
}

describe('the exact test of two shares', () => {
  it('of rows that are no number ends, and is no number', () => {
    expect(exactProportions(0, 800, Number.NaN, Number.NaN).p).toBeNaN()
  })
  it('of no nulls in 1000 and one in 30 is 30/1030, where z gives 8e-9', () => {
    expect(relativeError(exactProportions(0, 1000, 1, 30).p, 30 / 1030)).toBeLessThan(1e-12)
    expect(twoProportions(0, 1000, 1, 30).p).toBeLessThan(1e-8)
  })
  it.each([
    [0, 1000, 1, 30],
    [1, 1000, 0, 30],
    [0, 100, 0, 30],
    [7, 7, 5, 5],
    [0, 50, 30, 30],
    [50, 50, 0, 30],
    [3, 1000, 3, 30],
    [10, 100, 3, 30],
    [10, 100, 30, 300],
    [400, 800, 10, 30],
    [0, 600, 60, 60],
    [250, 500, 180, 300],
    [299, 300, 29, 30],
    [1, 30, 40, 2000],
    [60, 100, 45, 100],
  ])('%i of %i against %i of %i agrees with counting in whole numbers', (hits, n, currentHits, m) => {
    const test = exactProportions(hits, n, currentHits, m)
    const exact = byCounting(hits, n, currentHits, m)
    expect(relativeError(test.p, exact)).toBeLessThan(1e-9)
    expect(Math.abs(test.logP - Math.log(exact))).toBeLessThan(1e-9)
    expect(relativeError(exactProportions(currentHits, m, hits, n).p, exact)).toBeLessThan(1e-9)
  })
  it('comes close to z where counts are large', () => {
    const [exact, z] = [
      exactProportions(200_000, 1_000_000, 20_200, 100_000).p,
      twoProportions(200_000, 1_000_000, 20_200, 100_000).p,
    ]
    expect(relativeError(exact, z)).toBeLessThan(0.02)
  })
  it('has a logarithm where p is too small for a double', () => {
    const { p, logP } = exactProportions(0, 100_000, 100_000, 100_000)
    expect(p).toBe(0)
    // ln(1/C(200000, 100000)), the whole tail being one way of dealing, twice by half
    expect(logP).toBeLessThan(-138_000)
    expect(logP).toBeGreaterThan(-139_000)
  })
})

describe('the chance of values that only the window has', () => {
  it('is that of dealing them all to the window', () => {
    expect(relativeError(newValuesTest([600, 400, 1], 1, 971, 30), 30 / 1001 / 2)).toBeLessThan(1e-12)
    expect(relativeError(newValuesTest([600, 399, 2], 2, 971, 30), (30 * 29) / (1001 * 1000) / 2)).toBeLessThan(1e-9)
    const threeOfFour = quotient(
      2n * choose(4, 4) * choose(997, 26) + choose(4, 3) * choose(997, 27),
      2n * choose(1001, 30),
    )
    expect(relativeError(newValuesTest([600, 397, 1, 1, 1, 1], 3, 971, 30), threeOfFour)).toBeLessThan(1e-9)
    expect([newValuesTest([10, 5], 0, 10, 5), newValuesTest([10], 10, 0, 10)]).toEqual([1, 1])
  })
  it('is small to the last digit', () => {
    expect(relativeError(newValuesTest([500, 40], 40, 500, 40), quotient(1n, 2n * choose(540, 40)))).toBeLessThan(1e-9)
  })
  it('in coarser units is close to what it is in single rows', () => {
    // 1990 rows are counted one by one, 2010 in twos; the law hardly differs
    const totals = [...Array.from({ length: 4000 }, () => 1), ...Array.from({ length: 100 }, () => 50)]
    const [fine, coarse] = [newValuesTest(totals, 2000, 4500, 4500), newValuesTest(totals, 2002, 4500, 4500)]
    expect(Math.abs(fine - 0.5)).toBeLessThan(0.02)
    expect(Math.abs(coarse - 0.5)).toBeLessThan(0.05)
  })
})
