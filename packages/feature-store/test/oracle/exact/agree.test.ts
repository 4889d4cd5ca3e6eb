import { describe, expect, test } from 'vitest'
import { agree, disagreement } from './agree.ts'

describe('numbers agree to nine digits', () => {
  test.each([
    [1, 1 + 0.9e-9],
    [-1e300, -1e300 * (1 - 0.9e-9)],
    [1e-300, 1e-300 * (1 + 0.9e-9)],
    [0, 0],
    [0, -0],
    [5e-324, 5e-324],
  ])('%d and %d', (expected, actual) => {
    expect(disagreement(actual, expected)).toBeUndefined()
  })

  test.each([
    [1, 1 + 1.1e-9],
    [1e300, 1e300 * (1 + 1.1e-9)],
    [0, 5e-324],
    [2.8e-17, 0],
    [2 ** -55, 2 ** -54],
    [1, null],
    [null, 0],
    [0, null],
    [1, Number.NaN],
    [0, Number.NaN],
    [1, Number.POSITIVE_INFINITY],
    [1, '1'],
    [1, true],
  ])('%s is not %s', (expected, actual) => {
    expect(disagreement(actual, expected)).toContain('instead of')
    expect(() => agree(actual, expected, 'here')).toThrow(/here: .* instead of /)
  })
})

test('what was chosen has all its digits', () => {
  expect(disagreement(1e15 + 0.25, { value: 1e15, chosen: true })).toBe(
    '1000000000000000.2 instead of 1000000000000000',
  )
  expect(disagreement(1e15, { value: 1e15, chosen: true })).toBeUndefined()
  expect(disagreement('a', 'b')).toBe('"a" instead of "b"')
  expect(disagreement(Number.NaN, 1)).toBe('"NaN" instead of 1')
})

test('only an answer that says so may be null instead, or as far off as its rounding', () => {
  expect(disagreement(null, { value: 7e199, orNull: true })).toBeUndefined()
  expect(disagreement(7.1e199, { value: 7e199, orNull: true })).toBeDefined()
  expect(disagreement(1e-17, { value: 0, rounding: 2e-17 })).toBeUndefined()
  expect(disagreement(3e-17, { value: 0, rounding: 2e-17 })).toBeDefined()
  expect(disagreement(null, { value: 0, rounding: 2e-17 })).toBeDefined()
})
