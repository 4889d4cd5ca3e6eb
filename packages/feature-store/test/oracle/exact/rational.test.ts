import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawsOf } from '../../../../warehouse/test/support/property.ts'
import {
  add,
  bitLength,
  compareRationals,
  divide,
  multiply,
  ofDecimal,
  ofDouble,
  rational,
  squareRoot,
  subtract,
  toDouble,
  type Rational,
} from './rational.ts'

const double = fc.double({ noNaN: true, noDefaultInfinity: true })
const numerator = fc.oneof(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.bigInt({ min: -9n, max: 9n }))
const fraction = fc
  .record({
    numerator,
    denominator: fc.oneof(fc.bigInt({ min: 1n, max: 12n }), fc.bigInt({ min: 1n, max: 2n ** 90n })),
  })
  .map(({ numerator: n, denominator: d }) => rational(n, d))

const equal = (a: Rational, b: Rational): boolean => compareRationals(a, b) === 0

describe('a double is a fraction', () => {
  test.each([
    [0.1, 3602879701896397n, 2n ** 55n],
    [-0, 0n, 1n],
    [1e17, 10n ** 17n, 1n],
    [2 ** 53 + 2, 2n ** 53n + 2n, 1n],
    [5e-324, 1n, 2n ** 1074n],
    [-(2 ** -1022), -1n, 2n ** 1022n],
    [Number.MAX_VALUE, (2n ** 53n - 1n) << 971n, 1n],
  ])('%d', (x, above, below) => {
    expect(ofDouble(x)).toEqual({ numerator: above, denominator: below })
  })

  test('and comes back as it was', () => {
    fc.assert(fc.property(double, (x) => toDouble(ofDouble(x)) === x))
  })

  test('unless it is not finite', () => {
    expect(() => ofDouble(Number.NaN)).toThrow(RangeError)
    expect(() => ofDouble(Number.POSITIVE_INFINITY)).toThrow(RangeError)
  })
})

describe('arithmetic', () => {
  test('of fractions is a field, ordered', () => {
    fc.assert(
      fc.property(fraction, fraction, fraction, (a, b, c) => {
        expect(equal(add(a, b), add(b, a))).toBe(true)
        expect(equal(add(add(a, b), c), add(a, add(b, c)))).toBe(true)
        expect(equal(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)))).toBe(true)
        expect(equal(subtract(add(a, b), b), a)).toBe(true)
        if (b.numerator !== 0n) expect(equal(multiply(divide(a, b), b), a)).toBe(true)
        expect(compareRationals(a, b)).toBe(compareRationals(add(a, c), add(b, c)))
      }),
    )
  })

  test('of two doubles, rounded once, is what the processor computes', () => {
    const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)
    fc.assert(
      fc.property(double, double, (x, y) => {
        const [a, b] = [ofDouble(x), ofDouble(y)]
        // toDouble has no negative zero.
        expect(toDouble(add(a, b))).toBe(finite(x + y + 0))
        expect(toDouble(multiply(a, b))).toBe(finite(x * y + 0))
        if (y !== 0) expect(toDouble(divide(a, b))).toBe(finite(x / y + 0))
      }),
      { numRuns: drawsOf(2_000) },
    )
  })

  test('of decimals keeps 38 digits', () => {
    const one = ofDecimal(12345678901234567890123456789012345678n, 10)
    expect(add(one, one)).toEqual({ numerator: 24691357802469135780246913578024691356n, denominator: 10n ** 10n })
    expect(toDouble(ofDecimal(-5n, 1))).toBe(-0.5)
  })
})

describe('the nearest double', () => {
  test.each([
    ['a tie goes to the even one below', rational(2n ** 53n + 1n), 2 ** 53],
    ['a tie goes to the even one above', rational(2n ** 53n + 3n), 2 ** 53 + 4],
    ['a little more than a tie goes up', rational((2n ** 53n + 1n) * 2n ** 99n + 1n, 2n ** 99n), 2 ** 53 + 2],
    ['half of the least double is 0', rational(1n, 2n ** 1075n), 0],
    ['a little more than half of it is the least double', rational(2n ** 99n + 1n, 2n ** 1174n), 5e-324],
    ['up to the greatest normal one', rational(2n ** 54n - 1n, 2n ** 1076n), 2 ** -1022],
    ['the greatest double', rational(2n ** 1024n - 2n ** 970n - 1n), Number.MAX_VALUE],
    ['what rounds to infinity is none', rational(2n ** 1024n - 2n ** 970n), null],
    ['nor is what is less than all', rational(-(10n ** 400n)), null],
    ['a third', rational(1n, 3n), 1 / 3],
  ])('%s', (_, exact, nearest) => {
    expect(toDouble(exact)).toBe(nearest)
  })
})

test('a square root is short of the true one by less than 2^-198 of it', () => {
  fc.assert(
    fc.property(fc.oneof(fraction, double.map(ofDouble)), (one) => {
      const square = one.numerator < 0n ? multiply(one, one) : one
      const root = squareRoot(square)
      const more = multiply(root, rational(2n ** 198n + 1n, 2n ** 198n))
      expect(compareRationals(multiply(root, root), square)).toBeLessThanOrEqual(0)
      expect(compareRationals(multiply(more, more), square)).toBe(square.numerator === 0n ? 0 : 1)
    }),
  )
  fc.assert(fc.property(double, (x) => toDouble(squareRoot(ofDouble(Math.abs(x)))) === Math.sqrt(Math.abs(x))))
  expect(squareRoot(rational(4n, 9n)).numerator).not.toBe(0n)
  expect(() => squareRoot(rational(-1n))).toThrow(RangeError)
})

test('the length of a number in bits', () => {
  fc.assert(fc.property(fc.bigInt({ min: 1n, max: 2n ** 300n }), (n) => bitLength(n) === n.toString(2).length))
  expect(bitLength(0n)).toBe(0)
})
