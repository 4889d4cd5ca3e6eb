import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/online/byte-writer.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import type { KeyColumn, KeyValue } from '../../src/online/key-value.ts'
import { MAX_KEY_BYTES } from '../../src/online/limits.ts'
import { batch, column } from './view-plans.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed())
const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const one = (type: KeyColumn['type'], value: KeyValue): Buffer => keyCodec([{ name: 'k', type }]).encode({ k: value })
const compare = (a: string | bigint | number | boolean, b: string | bigint | number | boolean): number =>
  a < b ? -1 : a > b ? 1 : 0
const fromBatch = (
  columns: readonly KeyColumn[],
  cells: Readonly<Record<string, string | number | bigint | boolean | null>>,
): Buffer => {
  const out = new ByteWriter(1)
  const vectors = Object.fromEntries(
    columns.map(({ name, type }) => [
      name,
      column(typeof type === 'string' ? type : typeof cells[name] === 'string' ? 'text' : 'double', [
        cells[name] ?? null,
      ]),
    ]),
  )
  keyCodec(columns).writer(batch(vectors))(out, 0)
  return Buffer.from(out.bytes.subarray(0, out.length))
}

describe('entity keys', () => {
  const pair: readonly KeyColumn[] = [
    { name: 'site', type: 'text' },
    { name: 'meter', type: 'text' },
  ]

  it('gives the same bytes whatever the order of properties', () => {
    const codec = keyCodec(pair)
    expect(codec.encode({ site: 'a', meter: 'b' })).toEqual(codec.encode({ meter: 'b', site: 'a' }))
    expect(codec.encode({ site: 'a', meter: 'b' })).not.toEqual(codec.encode({ site: 'b', meter: 'a' }))
  })

  it('never gives two composite keys one encoding', () => {
    const part = fc.oneof(
      text,
      fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', 'é', '\u{1F600}'), maxLength: 5 }),
    )
    const codec = keyCodec([...pair, { name: 'n', type: 'bigint' }, { name: 'tail', type: 'text' }])
    const key = fc.record({ site: part, meter: part, n: fc.bigInt({ min: -2n, max: 300n }), tail: part })
    fc.assert(
      fc.property(fc.array(key, { minLength: 2, maxLength: 20 }), (keys) => {
        const distinct = new Set(keys.map(({ site, meter, n, tail }) => JSON.stringify([site, meter, String(n), tail])))
        expect(new Set(keys.map((one) => codec.encode(one).toString('hex'))).size).toBe(distinct.size)
      }),
    )
  })

  it('gives a request and a batch row the same bytes, for every type', () => {
    const columns: readonly KeyColumn[] = [
      { name: 't', type: 'text' },
      { name: 'b', type: 'bigint' },
      { name: 'i', type: 'integer' },
      { name: 'd', type: 'double' },
      { name: 'flag', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'at', type: 'timestamp' },
      { name: 'money', type: { decimal: [9, 2] } },
      { name: 'last', type: 'text' },
    ]
    const codec = keyCodec(columns)
    const key = fc.record({
      t: text,
      b: bigint,
      i: fc.integer(),
      d: fc.double({ noNaN: true, noDefaultInfinity: true }),
      flag: fc.boolean(),
      day: fc.integer({ min: -100_000, max: 100_000 }),
      at: bigint,
      money: fc.constantFrom(0, -0, 12.34),
      last: text,
    })
    fc.assert(
      fc.property(key, (cells) => {
        expect(codec.encode({ ...cells, day: new Date(cells.day * 86_400_000) })).toEqual(fromBatch(columns, cells))
      }),
    )
  })

  it('takes what JSON can carry for integers, dates and timestamps', () => {
    expect(one('bigint', -7)).toEqual(one('bigint', -7n))
    expect(one('bigint', 2 ** 40 + 1)).toEqual(one('bigint', 2n ** 40n + 1n))
    expect(one('bigint', -(2 ** 40) - 1)).toEqual(one('bigint', -(2n ** 40n) - 1n))
    expect(one('integer', 7n)).toEqual(one('integer', 7))
    expect(one('double', -0)).toEqual(one('double', 0))
    expect(one('date', '2026-02-28')).toEqual(one('date', new Date('2026-02-28T00:00:00Z')))
    expect(one('timestamp', '2026-02-28T09:30:00Z')).toEqual(one('timestamp', new Date('2026-02-28T09:30:00Z')))
    expect(one('timestamp', '2026-02-28T09:30:00.000001Z')).toEqual(
      one('timestamp', BigInt(Date.parse('2026-02-28T09:30:00Z')) * 1000n + 1n),
    )
  })

  it('tells apart decimals that are one double, alike from a request and from a batch', () => {
    const wide = [{ name: 'k', type: { decimal: [20, 2] } }] as const
    const encode = (value: KeyValue): string => keyCodec(wide).encode({ k: value }).toString('hex')
    // 2^53 = 9007199254740992; the next double is 2 further.
    const neighbours = [
      '9007199254740992.00',
      '9007199254740992.01',
      '9007199254740993',
      '9007199254740994',
      '-9007199254740993',
      '0.01',
      '0',
      '999999999999999999.99',
    ]
    expect(new Set(neighbours.map(encode)).size).toBe(8)
    expect(neighbours.map(encode)).toEqual(neighbours.map((k) => fromBatch(wide, { k }).toString('hex')))
    expect(neighbours.toSorted((a, b) => (encode(a) < encode(b) ? -1 : 1))).toEqual([
      '-9007199254740993',
      '0',
      '0.01',
      '9007199254740992.00',
      '9007199254740992.01',
      '9007199254740993',
      '9007199254740994',
      '999999999999999999.99',
    ])
    expect([12.5, '12.5', '12.50', '12.500', '012.5'].map(encode)).toEqual(
      Array.from({ length: 5 }, () => encode('12.50')),
    )
    expect([7, 7n, '7', '7.00'].map(encode)).toEqual(Array.from({ length: 4 }, () => encode('7')))
    expect(encode(9_007_199_254_740_991)).toBe(encode(9_007_199_254_740_991n))
  })

  it.each([
    2 ** 53,
    1e17,
    0.1 + 0.2,
    '12.345',
    '1e3',
    '',
    'x',
    ' 7',
    '1000000000000000000',
    10n ** 18n,
    true,
    Number.NaN,
  ])('refuses %s as a key of decimal(20, 2)', (value) => {
    expect(() => keyCodec([{ name: 'k', type: { decimal: [20, 2] } }]).encode({ k: value })).toThrow(
      expect.objectContaining({
        code: 'BAD_ENTITY_KEY',
        message: expect.stringContaining('k must be a decimal of 20 digits, 2 of them behind the point'),
      }),
    )
  })

  it('sorts as the columns do, which keeps sorted writes sequential', () => {
    const columns: readonly KeyColumn[] = [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'bigint' },
      { name: 'c', type: 'double' },
      { name: 'd', type: 'text' },
    ]
    const codec = keyCodec(columns)
    const key = fc.record({
      a: fc.string({ unit: fc.constantFrom('\0', 'a', 'b'), maxLength: 3 }),
      b: fc.oneof(fc.bigInt({ min: -2n, max: 2n }), bigint),
      c: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      d: fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
    })
    fc.assert(
      fc.property(key, key, (x, y) => {
        expect(Math.sign(Buffer.compare(codec.encode(x), codec.encode(y)))).toBe(
          compare(x.a, y.a) || compare(x.b, y.b) || compare(x.c, y.c) || compare(x.d, y.d),
        )
      }),
    )
  })

  it('hashes long keys, alike from a request and from a batch, and tells them apart', () => {
    const long = 'x'.repeat(MAX_KEY_BYTES * 3)
    const codec = keyCodec(pair)
    const key = codec.encode({ site: long, meter: 'm' })
    expect(key.length).toBe(33)
    expect(key).toEqual(fromBatch(pair, { site: long, meter: 'm' }))
    expect(key).not.toEqual(codec.encode({ site: long, meter: 'n' }))
    const longest = 'x'.repeat(MAX_KEY_BYTES - 1)
    expect(keyCodec([{ name: 'k', type: 'text' }]).encode({ k: longest }).length).toBe(MAX_KEY_BYTES)
    expect(keyCodec([{ name: 'k', type: 'text' }]).encode({ k: `${longest}x` }).length).toBe(33)
  })

  it('gives an entity without key columns one key', () => {
    expect(keyCodec([]).encode({})).toEqual(fromBatch([], {}))
    expect(keyCodec([]).encode({}).length).toBe(1)
  })

  it.each<[KeyColumn['type'], unknown, string]>([
    ['text', 7, 'k must be text, got number'],
    ['text', null, 'k must be text, got null'],
    ['text', undefined, 'k is missing; it must be text'],
    ['text', ['a'], 'k must be text, got object'],
    ['text', '\ud800', 'k must be text, got text with a lone surrogate'],
    ['integer', '7', 'k must be an integer of 32 bits, got other text'],
    ['integer', 2 ** 31, 'k must be an integer of 32 bits, got 2147483648'],
    ['integer', 1.5, 'k must be an integer of 32 bits, got 1.5'],
    ['bigint', 2 ** 53, 'k must be an integer of 64 bits, got 9007199254740992'],
    ['bigint', 2n ** 63n, 'k must be an integer of 64 bits, got 9223372036854775808'],
    ['bigint', Number.NaN, 'k must be an integer of 64 bits, got NaN'],
    ['double', Number.POSITIVE_INFINITY, 'k must be a finite number, got Infinity'],
    ['double', 1n, 'k must be a finite number, got 1'],
    ['boolean', 1, 'k must be a boolean, got number'],
    ['date', new Date(1), 'got Date'],
    ['date', new Date(Number.NaN), 'got an invalid Date'],
    ['date', '2026-02-30', 'got other text'],
    ['timestamp', '2026-02-28', 'got other text'],
    ['timestamp', '2026-02-30T00:00:00Z', 'got other text'],
    ['timestamp', 5, 'got number'],
  ])('refuses a %s key %s', (type, value, message) => {
    const values = { k: value } as Readonly<Record<string, KeyValue>>
    expect(() => keyCodec([{ name: 'k', type }]).encode(values)).toThrow(
      expect.objectContaining({ code: 'BAD_ENTITY_KEY', message: expect.stringContaining(message) }),
    )
  })

  it('refuses nulls, missing and wrongly typed columns in a batch', () => {
    expect(() => fromBatch([{ name: 'k', type: 'text' }], { k: null })).toThrow('k must be text, got null')
    expect(() => fromBatch([{ name: 'k', type: 'double' }], { k: Number.NaN })).toThrow(
      'k must be a finite number, got NaN',
    )
    expect(() => keyCodec(pair).writer(batch({ site: column('text', ['a']) }))).toThrow(
      'Key column meter is not in the batch (it has site).',
    )
    expect(() => keyCodec(pair).writer(batch({ site: column('bigint', [1n]), meter: column('text', ['a']) }))).toThrow(
      'Key column site is bigint in the batch, but text in the view.',
    )
  })
})
