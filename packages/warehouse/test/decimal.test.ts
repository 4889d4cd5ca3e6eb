import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  columnBatch,
  decimalNumber,
  decimalText,
  decimalUnits,
  decimalValue,
  nearestFloat32,
  rowsOf,
} from '@martlet/warehouse'

const limit = 10n ** 38n
const decimals = fc.tuple(
  fc.oneof(
    fc.bigInt({ min: 1n - limit, max: limit - 1n }),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
    fc.bigInt({ min: -1000n, max: 1000n }),
  ),
  fc.integer({ min: 0, max: 38 }),
)

describe('decimals', () => {
  it('are the same after they were text', () => {
    fc.assert(
      fc.property(decimals, ([units, scale]) => {
        expect(decimalUnits(decimalText(units, scale), scale)).toBe(units)
      }),
    )
  })

  it('become the number that their digits stand for', () => {
    fc.assert(
      fc.property(decimals, ([units, scale]) => {
        expect(decimalNumber(units, scale)).toBe(Number(decimalText(units, scale)) + 0)
      }),
    )
  })

  it('become a number only where that has the same digits', () => {
    fc.assert(
      fc.property(decimals, ([units, scale]) => {
        const value = decimalValue(units, scale)
        const size = units < 0n ? -units : units
        if (typeof value === 'string') {
          expect(value).toBe(decimalText(units, scale))
          expect(size >= 10n ** 15n).toBe(true)
        } else if (!/e/.test(String(value))) expect(String(value)).toBe(decimalText(units, scale))
      }),
    )
  })

  it('print without zeros at their end, and read any number of them', () => {
    expect(decimalText(1500n, 3)).toBe('1.5')
    expect(decimalText(-5n, 10)).toBe('-0.0000000005')
    expect(decimalText(7n, 0)).toBe('7')
    expect(decimalUnits('1.500', 1)).toBe(15n)
    for (const wrong of ['1.55', '', '.5', '1.', '1e3', 'NaN', '9'.repeat(39)])
      expect(decimalUnits(wrong, 1)).toBeUndefined()
  })

  it('come into a batch as text or units, and are refused beyond their digits', () => {
    const batch = columnBatch({ fine: { type: { decimal: [20, 2] }, values: ['123456789012345678.91', 150n, null] } })
    expect(batch.columns[0]?.values).toEqual([12345678901234567891n, 150n, 0n])
    expect(rowsOf(batch)).toEqual([{ fine: '123456789012345678.91' }, { fine: 1.5 }, { fine: null }])
    for (const wrong of ['1.234', '1000', 100_000n])
      expect(() => columnBatch({ x: { type: { decimal: [5, 2] }, values: [wrong] } })).toThrow(
        /Column "x", row 0: .* is not a decimal of 5 digits, 2 of them after the point/,
      )
  })
})

describe('nearestFloat32', () => {
  it('is one of the two floats around the number, and none is nearer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }), fc.boolean(), (size, below) => {
        const value = below ? -size : size
        const found = nearestFloat32(value)
        expect(Math.fround(found)).toBe(found)
        const off = (float: number): bigint => {
          const difference = BigInt(float) - value
          return difference < 0n ? -difference : difference
        }
        const bits = new Uint32Array(Float32Array.of(found).buffer)
        for (const step of [-1, 1]) {
          const other = new Float32Array(Uint32Array.of((bits[0] ?? 0) + step).buffer)[0] ?? 0
          expect(off(found) <= off(other)).toBe(true)
        }
      }),
    )
  })

  it('does not round twice', () => {
    expect(nearestFloat32(2n ** 60n + 2n ** 36n + 1n)).toBe(2 ** 60 + 2 ** 37)
    expect(nearestFloat32(-(2n ** 60n) - 2n ** 36n - 1n)).toBe(-(2 ** 60) - 2 ** 37)
    expect(nearestFloat32(2n ** 60n + 2n ** 36n)).toBe(2 ** 60)
    expect(nearestFloat32(2n ** 63n - 1n)).toBe(2 ** 63)
  })
})
