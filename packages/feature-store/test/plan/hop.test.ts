import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hopOf } from '../../src/plan/time/hop.ts'

const SECOND = 1_000_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test.each([
  [MINUTE, SECOND],
  [5 * MINUTE, 5 * SECOND],
  [HOUR, MINUTE],
  [DAY, 30 * MINUTE],
  [7 * DAY, 3 * HOUR],
  [30 * DAY, 12 * HOUR],
  [365 * DAY, DAY],
])('a window of %i µs moves in steps of %i µs', (window, hop) => {
  expect(hopOf(window)).toBe(hop)
})

test('a step is at most a forty-eighth of its window, and longer windows never have shorter steps', () => {
  const windows = fc.integer({ min: MINUTE, max: 4_000 * DAY })
  fc.assert(
    fc.property(windows, windows, (a, b) => {
      const [shorter, longer] = a < b ? [a, b] : [b, a]
      expect(hopOf(shorter) * 48).toBeLessThanOrEqual(shorter)
      expect(hopOf(shorter)).toBeLessThanOrEqual(hopOf(longer))
    }),
  )
})

test('windows shorter than a minute have no step', () => {
  expect(() => hopOf(MINUTE - 1)).toThrow('shorter than a minute')
})
