import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyCodec } from '../../src/online/key-codec.ts'
import { keyParts } from '../../src/online/key-parts.ts'
import type { KeyColumn, KeyValue } from '../../src/online/key-value.ts'
import { storedKey } from '../../src/online/stored-key.ts'

const types: readonly KeyColumn['type'][] = [
  'text',
  'integer',
  'bigint',
  'double',
  'boolean',
  'date',
  'timestamp',
  { decimal: [9, 2] },
  { decimal: [20, 2] },
  { decimal: [38, 0] },
]

const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
const day = fc
  .tuple(fc.integer({ min: -1, max: 10_000 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }))
  .map((parts) => parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0')).join('-'))
const value = fc.oneof(
  fc.anything(),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  digits,
  digits.map(String),
  fc.date({ noInvalidDate: false }),
  day,
  fc
    .tuple(day, fc.constantFrom('T09:30:00Z', 'T24:00:00Z', 'T09:30:00.1234567Z', 'T09:30:60Z'))
    .map((two) => two.join('')),
  fc.constantFrom<unknown>(
    '2026-02-30',
    '2024-02-29',
    '-0',
    -0,
    '1e3',
    ' 1',
    '',
    '\0',
    '\ud800',
    null,
    undefined,
    [],
    {},
  ),
)

test('whatever passes the check of keys is encoded, and whatever does not is refused', () => {
  let passed = 0
  fc.assert(
    fc.property(fc.constantFrom(...types), value, (type, given) => {
      const codec = keyCodec([{ name: 'k', type }])
      const encode = (): Buffer => codec.encode({ k: given as KeyValue })
      if (storedKey(type, given) === undefined) {
        expect(encode).toThrow(expect.objectContaining({ code: 'BAD_ENTITY_KEY' }))
      } else {
        expect(encode().length).toBeGreaterThan(0)
        passed++
      }
    }),
    { numRuns: 3000 },
  )
  expect(passed).toBeGreaterThan(300)
})

test('there is no 30th of February', () => {
  expect(storedKey('date', '2026-02-30')).toBeUndefined()
  expect(storedKey('timestamp', '2026-02-30T00:00:00Z')).toBeUndefined()
  expect(storedKey('date', '2024-02-29')).toBe(19_782n)
})

test('a key is cut where its columns end, whatever their types', () => {
  for (const type of types) {
    const columns: readonly KeyColumn[] = [
      { name: 'k', type },
      { name: 'site', type: 'text' },
    ]
    const k =
      type === 'text' ? 'a\0b' : type === 'boolean' ? true : type === 'date' || type === 'timestamp' ? new Date(0) : 7
    const parts = keyParts(columns, keyCodec(columns).encode({ k, site: 'north' }))
    expect([type, Buffer.from(parts?.[1] ?? []).toString()]).toEqual([type, 'north'])
  }
})
