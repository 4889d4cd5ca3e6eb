import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, erasedKeys } from '../../src/erase/erased-keys.ts'
import { keyMentions } from '../../src/erase/key-mentions.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { keyParts, partsOf } from '../../src/online/key-parts.ts'
import type { KeyColumn, KeyValue } from '../../src/online/key-value.ts'
import type { EntityPlan } from '../../src/plan/source-plan.ts'

const customer: EntityPlan = { name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] }
const basket: EntityPlan = {
  name: 'basket',
  keys: [
    { name: 'customer_id', type: 'text' },
    { name: 'product', type: 'bigint' },
  ],
}
const meter: EntityPlan = { name: 'meter', keys: [{ name: 'meter', type: 'bigint' }] }
const of = (entity: EntityPlan, ...rows: Record<string, KeyValue>[]) => keyMentions(erasedKeys(entity, rows))

describe('a key in a text', () => {
  test('is a word of its own, whatever stands around it', () => {
    const ann = of(customer, { customer_id: 'ann-7' })
    for (const text of ['ann-7', '(ann-7)', 'ann-7, last seen', 'x="ann-7"', 'ann-7 7 2024-01-01', 'für ann-7.'])
      expect([text, ann.inText(text)]).toEqual([text, true])
    for (const text of ['ann-77', 'joann-7', 'ann-7_x', 'ann', '7', 'ann 7', 'ann-7é', ''])
      expect([text, ann.inText(text)]).toEqual([text, false])
    expect(ann.without('ann-7 and ann-77, not ann-7')).toBe('[erased] and ann-77, not [erased]')
  })

  test('is found with quotes, backslashes and signs of patterns, also as JSON prints it', () => {
    for (const id of [
      'a"b',
      String.raw`a\b`,
      'a.b',
      'a(b',
      'a$&b',
      '[a]b',
      'a|b',
      'ä ö',
      '日本語',
      'a\nb',
      "o'x",
      'a/b',
      'a{2}',
    ]) {
      const found = of(customer, { customer_id: id })
      expect([
        id,
        found.inText(`x ${id} y`),
        found.inText(JSON.stringify({ id })),
        found.inText('aXb aab axb'),
      ]).toEqual([id, true, true, false])
      expect(found.without(`x ${id} y`)).toBe('x [erased] y')
    }
  })

  test('of one or two letters, or a number, is looked for only where the text tells of the entity', () => {
    const a = of(customer, { customer_id: 'a' })
    expect([a.inText('a model'), a.inExample('a 2024-01-01 00:00:00')]).toEqual([false, true])
    expect(a.without('a check failed in a row, for example a 2024\na')).toBe(
      'a check failed in a row, for example [erased] 2024\na',
    )
    const seven = of(meter, { meter: 7n })
    expect([seven.inText('7 rows'), seven.inExample('7, last seen at 2024-01-07'), seven.inExample('77 2017')]).toEqual(
      [false, true, false],
    )
  })

  test('of several columns is there when all its parts are', () => {
    const one = of(basket, { customer_id: 'ann-7', product: 12 })
    expect([
      one.inExample('ann-7 12 2024-01-01'),
      one.inExample('ann-7 13 2024-01-02'),
      one.inText('ann-7 12'),
    ]).toEqual([true, false, false])
    expect([
      one.isKey({ customer_id: 'ann-7', product: '12', more: 1 }),
      one.isKey({ customer_id: 'ann-7', product: 13 }),
      one.isKey({ customer_id: 'ann-7' }),
    ]).toEqual([true, false, false])
    expect(one.isValue('customer_id', 'ann-7')).toBe(false)
  })

  test('many keys are found as well as one', () => {
    const many = of(customer, ...Array.from({ length: 2500 }, (_, i) => ({ customer_id: `id-${i}` })))
    expect([many.inText('for id-2499'), many.inText('for id-2500'), many.without('id-1 id-10 id-3000')]).toEqual([
      true,
      false,
      '[erased] [erased] id-3000',
    ])
  })
})

test('a value is a key where its column says so; a longer text is one anywhere', () => {
  const ann = of(customer, { customer_id: 'ann-7' })
  expect(
    ['customer_id', 'usage__customer_id', 'USAGE__CUSTOMER_ID', 'note'].map((column) => ann.isValue(column, 'ann-7')),
  ).toEqual([true, true, true, true])
  const seven = of(meter, { meter: 7n })
  expect([
    seven.isValue('meter', 7),
    seven.isValue('v__meter', '7'),
    seven.isValue('count', 7),
    seven.isValue('parameter', 7),
  ]).toEqual([true, true, false, false])
})

test('forms of one value are equal, and different values are not', () => {
  expect([
    canonical('bigint', '007'),
    canonical('bigint', 7),
    canonical('bigint', 7n),
    canonical('bigint', 7.5),
  ]).toEqual(['7', '7', '7', undefined])
  expect([
    canonical({ decimal: [30, 2] }, '9007199254740993.50'),
    canonical({ decimal: [30, 2] }, 9007199254740993n),
    canonical('double', 1e21),
    canonical('double', -0),
  ]).toEqual(['9007199254740993.5', '9007199254740993', '1e+21', '0'])
  expect([
    canonical('date', '2024-02-29'),
    canonical('date', new Date('2024-02-29')),
    canonical('date', '2024-02-30'),
  ]).toEqual(['19782', '19782', undefined])
  expect([canonical('timestamp', '2024-01-01T00:00:00.5Z'), canonical('timestamp', 1_704_067_200_500_000n)]).toEqual([
    '1704067200500000',
    '1704067200500000',
  ])
})

test('a key of several columns splits into the bytes of each, as they were put together', () => {
  const columns: readonly KeyColumn[] = [
    { name: 'a', type: 'text' },
    { name: 'b', type: 'bigint' },
    { name: 'c', type: 'text' },
    { name: 'd', type: 'boolean' },
    { name: 'e', type: 'double' },
  ]
  const tricky = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('', '\0', '\0\0', 'a\0', '\0a', '\0\u0001', '\u0001'),
  )
  const values = fc.record({
    a: tricky,
    b: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    c: tricky,
    d: fc.boolean(),
    e: fc.double({ noNaN: true, noDefaultInfinity: true }),
  })
  const hex = (parts: readonly Uint8Array[] | undefined): readonly string[] =>
    (parts ?? []).map((part) => Buffer.from(part).toString('hex'))
  fc.assert(
    fc.property(values, values, (one, other) => {
      const parts = keyParts(columns, keyCodec(columns).encode(one))
      expect(parts).toHaveLength(columns.length)
      const { a, c } = one
      expect(hex(partsOf(columns, { a, c }))).toEqual([hex(parts)[0], hex(parts)[2]])
      const same = one.a === other.a && one.c === other.c
      expect(
        JSON.stringify(hex(partsOf(columns, { a: other.a, c: other.c }))) ===
          JSON.stringify([hex(parts)[0], hex(parts)[2]]),
      ).toBe(same)
    }),
  )
  expect(
    keyParts(columns, keyCodec(columns).encode({ a: 'x'.repeat(2000), b: 1, c: '', d: true, e: 1 })),
  ).toBeUndefined()
})
