import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  compareRationals,
  divide,
  multiply,
  ofDouble,
  rational,
  subtract,
  toDouble,
  total,
  type Rational,
} from './rational.ts'
import { correlation, mean, slope, stddev, variance, type Pair } from './statistics.ts'

const exact = (values: readonly number[]): readonly Rational[] => values.map(ofDouble)
const nearest = (one: Rational | null): number | null => (one === null ? null : toDouble(one))
const pairs = (values: readonly (readonly [number, number])[]): readonly Pair[] =>
  values.map(([x, y]) => ({ x: ofDouble(x), y: ofDouble(y) }))

describe('known values', () => {
  test.each([
    ['none', [], null, null, null],
    ['one', [3], 3, null, null],
    ['2 4 4 4 5 5 7 9', [2, 4, 4, 4, 5, 5, 7, 9], 5, 32 / 7, Math.sqrt(32 / 7)],
    ['equal ones', [0.1, 0.1, 0.1], 0.1, 0, 0],
    ['large with a small spread', [1e15 - 0.25, 1e15, 1e15 + 0.25], 1e15, 0.0625, 0.25],
    ['what cancels', [1e17, 1, -1e17], 1 / 3, 1e34 + 1 / 3, Math.sqrt(1e34)],
    ['the greatest', [1.5e308, 1.5e308], 1.5e308, 0, 0],
    ['beyond squares', [0, 1e200], 5e199, null, 1e200 / Math.SQRT2],
    ['below squares', [0, 1e-300], 5e-301, 0, 1e-300 / Math.SQRT2],
  ])('%s', (_, values, average, spread, root) => {
    expect(nearest(mean(exact(values)))).toBe(average)
    expect(nearest(variance(exact(values)))).toBe(spread)
    const found = nearest(stddev(exact(values)))
    if (root === null || found === null) expect(found).toBe(root)
    else expect(Math.abs(found - root)).toBeLessThanOrEqual(2e-16 * root)
  })

  test('the total of 0.1, 0.2 and -0.3 is what their roundings leave', () => {
    expect(toDouble(total(exact([0.1, 0.2, -0.3])))).toBe(2 ** -55)
  })

  test.each([
    ['a line', pairs([0, 1, 3, 7].map((x) => [x, 5 - 2 * x])), -2, -1],
    ['equal x', pairs([0, 1, 3].map((y) => [0.1, y])), null, null],
    ['equal y', pairs([0, 1, 3].map((x) => [x, 0.1])), 0, null],
    [
      'a triangle',
      pairs([
        [0, 0],
        [1, 1],
        [2, 0],
      ]),
      0,
      0,
    ],
    [
      'four points',
      pairs([
        [1, 2],
        [2, 4],
        [3, 5],
        [4, 4],
      ]),
      0.7,
      3.5 / Math.sqrt(5 * 4.75),
    ],
    ['none', [], null, null],
  ])('slope and correlation of %s', (_, points, steep, related) => {
    expect(nearest(slope(points))).toBe(steep)
    expect(nearest(correlation(points))).toBe(related)
  })
})

describe('against formulas of another form', () => {
  const values = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 6 })
    .map(exact)
  const both = fc
    .array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
      minLength: 2,
      maxLength: 6,
    })
    .map(pairs)
  const count = (given: readonly unknown[]): Rational => rational(BigInt(given.length))
  const squares = (given: readonly Rational[]): Rational => total(given.map((x) => multiply(x, x)))
  const same = (a: Rational | null, b: Rational | null): boolean =>
    a === null || b === null ? a === b : compareRationals(a, b) === 0

  test('the variance is half the mean of the squared differences of all pairs', () => {
    fc.assert(
      fc.property(values, (given) => {
        const all = given.flatMap((x, i) => given.slice(i + 1).map((y) => subtract(x, y)))
        return same(variance(given), divide(squares(all), multiply(count(given), subtract(count(given), rational(1n)))))
      }),
    )
  })

  test('variance and mean do not care where zero is, and the order of values does not matter', () => {
    fc.assert(
      fc.property(values, fc.integer(), (given, by) => {
        const moved = given.map((x) => add(x, rational(BigInt(by)))).toReversed()
        const middle = mean(given)
        return (
          same(variance(given), variance(moved)) &&
          same(mean(moved), middle === null ? null : add(middle, rational(BigInt(by))))
        )
      }),
    )
  })

  test('slope and correlation from raw sums', () => {
    fc.assert(
      fc.property(both, (given) => {
        const n = count(given)
        const [x, y] = [given.map((pair) => pair.x), given.map((pair) => pair.y)]
        const mixed = total(given.map((pair) => multiply(pair.x, pair.y)))
        const together = subtract(multiply(n, mixed), multiply(total(x), total(y)))
        const spread = (one: readonly Rational[]): Rational =>
          subtract(multiply(n, squares(one)), multiply(total(one), total(one)))
        if (spread(x).numerator === 0n) return slope(given) === null && correlation(given) === null
        expect(same(slope(given), divide(together, spread(x)))).toBe(true)
        if (spread(y).numerator === 0n) return correlation(given) === null
        const squared = toDouble(divide(multiply(together, together), multiply(spread(x), spread(y)))) ?? Number.NaN
        const found = nearest(correlation(given)) ?? Number.NaN
        return Math.abs(found * found - squared) <= 1e-15 && Math.sign(found) === sign(together)
      }),
    )
  })
})

function sign({ numerator }: Rational): number {
  return numerator > 0n ? 1 : numerator < 0n ? -1 : 0
}
