import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalColumn, digits, parseDigits, sameDigits, totalOf, WHOLE } from './digits.ts'
import { ofDouble, toDouble } from './rational.ts'

test('digits come back as they were', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n - 10n ** 38n, max: 10n ** 38n - 1n }), fc.nat(38), (units, scale) => {
      expect(sameDigits(digits(units, scale), units, scale)).toBe(true)
      expect(sameDigits(digits(units + 1n, scale), units, scale)).toBe(false)
    }),
  )
  expect(digits(-5n, 2)).toBe('-0.05')
  expect(digits(1234n, 0)).toBe('1234')
})

test('a number that JavaScript writes has the digits that it writes', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => toDouble(parseDigits(String(x))) === x + 0),
  )
  expect(parseDigits('1e+21')).toEqual(ofDouble(1e21))
  expect(sameDigits('9007199254740992', 9007199254740993n, 0)).toBe(false)
  expect(sameDigits('0.1', 1n, 1)).toBe(true)
  expect(() => parseDigits('NaN')).toThrow('NaN is not a number')
})

test.each([
  ['the greatest whole number', [2n ** 63n - 2n, 1n], WHOLE, 2n ** 63n - 1n],
  ['one more', [2n ** 63n - 1n, 1n], WHOLE, null],
  ['the least', [-(2n ** 63n), 0n], WHOLE, -(2n ** 63n)],
  ['one less', [-(2n ** 63n), -1n], WHOLE, null],
  ['on the way there and back', [2n ** 63n - 1n, 5n, -5n], WHOLE, 2n ** 63n - 1n],
  ['38 digits', [10n ** 38n - 2n, 1n], decimalColumn(10), 10n ** 38n - 1n],
  ['39 digits', [10n ** 38n - 1n, 1n], decimalColumn(10), null],
])('a total fits or is null: %s', (_, values, column, total) => {
  expect(totalOf(values, column)).toBe(total)
})
