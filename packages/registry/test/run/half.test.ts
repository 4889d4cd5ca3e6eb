import fc from 'fast-check'
import { expect, test } from 'vitest'
import { floatsOfHalves, halfOf, numberOfHalf } from '../../src/run/half.ts'

const INFINITE = 0x7c00
const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits)

test('values that IEEE 754 gives as examples', () => {
  const known: readonly (readonly [bits: number, value: number])[] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 0.000060975551605224609],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1.0009765625],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0xfc00, -Infinity],
  ]
  expect(known.map(([bits]) => numberOfHalf(bits))).toEqual(known.map(([, value]) => value))
  expect(known.map(([, value]) => halfOf(value))).toEqual(known.map(([bits]) => bits))
})

test('every half comes back as it was, and as a float32', () => {
  const numbers = [...all].map(numberOfHalf)
  expect(numbers.map(halfOf)).toEqual([...all].map((bits, at) => (Number.isNaN(numbers[at]) ? 0x7e00 : bits)))
  expect([...floatsOfHalves(all)]).toEqual(numbers)
})

test('any number becomes the nearest half, of two equally near ones the even one', () => {
  const between = fc.tuple(fc.integer({ min: 0, max: INFINITE - 1 }), fc.constantFrom(0, 2 ** -40, -(2 ** -40))).map(
    // just at, above and below the middle of two halves; the one after the largest would be 65536
    ([bits, off]) =>
      ((numberOfHalf(bits) + (numberOfHalf(bits + 1) === Infinity ? 65_536 : numberOfHalf(bits + 1))) / 2) * (1 + off),
  )
  fc.assert(
    fc.property(fc.oneof(fc.double({ min: -70_000, max: 70_000, noNaN: true }), between), (value) => {
      const bits = halfOf(value) & 0x7fff
      const [size, numberAt] = [Math.abs(value), (at: number) => (at === INFINITE ? 65_536 : numberOfHalf(at))]
      const distance = Math.abs(size - numberAt(bits))
      for (const other of [bits - 1, bits + 1].filter((at) => at >= 0 && at <= INFINITE)) {
        const further = Math.abs(size - numberAt(other))
        expect(distance < further || (distance === further && bits % 2 === 0)).toBe(true)
      }
    }),
  )
})
