import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonBytes } from '../../src/desk/json/json-bytes.ts'

const out = new JsonBytes(16)

function numberText(value: number): string {
  out.number(value)
  return out.take().toString()
}

test('numbers are written as JSON.stringify writes them', () => {
  const decimals = fc
    .tuple(fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }), fc.constantFrom(1, 10, 100, 1000, 10_000))
    .map(([digits, unit]) => digits / unit)
  fc.assert(
    fc.property(fc.oneof(fc.double(), decimals, fc.integer(), fc.maxSafeInteger()), (value) => {
      expect(numberText(value)).toBe(JSON.stringify(value))
    }),
    { numRuns: 5000 },
  )
})

test.each([
  0,
  -0,
  1,
  -1,
  9,
  10,
  99,
  100,
  0.1,
  0.01,
  0.001,
  -0.001,
  0.0001,
  1.5,
  -2.25,
  12.34,
  999.999,
  2147483.647,
  2147483.648,
  -2147483.648,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  1e21,
  5e-324,
  Number.MAX_VALUE,
  NaN,
  Infinity,
  -Infinity,
  0.1 + 0.2,
  1.005,
  4.35,
  1_000_000_000,
  999_999_999,
])('%d', (value) => {
  expect(numberText(value)).toBe(JSON.stringify(value))
})

test('strings are written as JSON.stringify writes them, whatever is next to them', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({
          unit: fc.oneof(
            fc.string({ unit: 'binary', maxLength: 1 }),
            fc.constantFrom('"', '\\', '\n', '\u007f', 'é', '€', '😀', '\u2028'),
          ),
          maxLength: 100,
        }),
      ),
      (texts) => {
        out.json('[')
        for (const [index, text] of texts.entries()) {
          if (index > 0) out.json(',')
          out.string(text)
        }
        out.json(']')
        expect(out.take().toString()).toBe(JSON.stringify(texts))
      },
    ),
  )
})

test('pieces of any size follow each other, and the memory grows and is reused', () => {
  for (const size of [0, 1, 63, 64, 65, 1000, 5_000_000, 3]) {
    out.raw(Buffer.from('a'.repeat(size)))
    out.json('é')
    out.json('b'.repeat(size))
    expect(out.take().toString()).toBe(`${'a'.repeat(size)}é${'b'.repeat(size)}`)
  }
})
