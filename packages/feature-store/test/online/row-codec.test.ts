import type { ColumnType, ColumnVector } from '@martlet/warehouse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRows, viewCodec } from '../../src/online/encode-rows.ts'
import {
  fitsCodec,
  isNullField,
  readBigint,
  readDouble,
  readInteger,
  readText,
  readUnits,
  rowCodec,
  type RowCodec,
  type RowField,
} from '../../src/online/row-codec.ts'
import { batch, column, viewPlan } from './view-plans.ts'

type Cell = string | number | bigint | boolean | null
type Kind = Extract<ColumnVector['type'], string> | 'decimal'
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const cells: Readonly<Record<Kind, fc.Arbitrary<Cell>>> = {
  double: fc.double(),
  bigint: int64,
  timestamp: int64,
  integer: fc.integer(),
  date: fc.integer(),
  boolean: fc.boolean(),
  decimal: fc.oneof(
    fc.bigInt({ min: 1n - 10n ** 38n, max: 10n ** 38n - 1n }),
    fc.bigInt({ min: -(2n ** 53n) - 2n, max: 2n ** 53n + 2n }),
  ),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 70 }).filter((value) => value.isWellFormed()),
    fc.constantFrom('', 'a', 'é'.repeat(200)),
  ),
}

const DECIMAL = { decimal: [38, 10] } as const
const typeOf = (kind: Kind): ColumnType => (kind === 'decimal' ? DECIMAL : kind)

function decode(codec: RowCodec, row: Uint8Array, field: RowField): Cell {
  if (isNullField(row, field)) return null
  if (typeof field.type === 'object') return readUnits(row, field)
  switch (field.type) {
    case 'text':
      return readText(codec, row, field)
    case 'double':
      return readDouble(row, field)
    case 'bigint':
    case 'timestamp':
      return readBigint(row, field)
    case 'boolean':
      return readInteger(row, field) === 1
    case 'integer':
    case 'date':
      return readInteger(row, field)
  }
}

describe('stored rows', () => {
  it('gives back every cell of any schema, exactly', () => {
    const table = fc
      .array(
        fc.constantFrom<Kind[]>(
          'double',
          'bigint',
          'timestamp',
          'integer',
          'date',
          'boolean',
          'text',
          'text',
          'decimal',
        ),
        { maxLength: 20, size: 'max' },
      )
      .chain((types) =>
        fc
          .array(fc.tuple(...types.map((type) => fc.option(cells[type]))), { minLength: 1, maxLength: 5 })
          .map((rows) => ({ types, rows })),
      )
    fc.assert(
      fc.property(table, ({ types, rows }) => {
        const view = viewPlan(
          'v',
          { id: 'integer' },
          Object.fromEntries(types.map((type, index) => [`f${index}`, typeOf(type)])),
        )
        const codec = viewCodec(view)
        const vectors = Object.fromEntries(
          types.map((type, index) => [
            `f${index}`,
            column(
              typeOf(type),
              rows.map((row) => row[index] ?? null),
            ),
          ]),
        )
        const input = batch({
          feature_time: column(
            'timestamp',
            rows.map((_, index) => index),
          ),
          ...vectors,
          id: column(
            'integer',
            rows.map((_, index) => index),
          ),
        })
        const stored = [...encodeRows(codec, input)].length
        expect(stored).toBe(rows.length)
        let index = 0
        for (const { key, time, value } of encodeRows(codec, input)) {
          const copy = new Uint8Array(value)
          expect(fitsCodec(codec.row, copy)).toBe(true)
          expect(Buffer.from(key)).toEqual(codec.key.encode({ id: index }))
          expect(time).toBe(BigInt(index))
          expect(codec.row.fields.map((field) => decode(codec.row, copy, field))).toEqual(rows[index])
          index++
        }
      }),
    )
  })

  it('writes equal bytes for equal rows, whatever the buffer held before', () => {
    const codec = viewCodec(viewPlan('v', {}, { a: 'double', b: 'text', c: 'boolean' }))
    const make = (a: number | null, b: string | null): string[] => {
      const input = batch({
        feature_time: column('timestamp', [1, 2]),
        a: column('double', [9e99, a]),
        b: column('text', ['a long text before', b]),
        c: column('boolean', [true, null]),
      })
      return Array.from(encodeRows(codec, input), ({ value }) => Buffer.from(value).toString('hex'))
    }
    const alone = batch({
      feature_time: column('timestamp', [2]),
      a: column('double', [null]),
      b: column('text', [null]),
      c: column('boolean', [null]),
    })
    const [row] = Array.from(encodeRows(codec, alone), ({ value }) => Buffer.from(value).toString('hex'))
    expect(make(null, null)[1]).toBe(row)
  })

  it('tells texts apart around nulls and empty texts', () => {
    const texts = ['one', null, 'two', '', null, 'é', null]
    const names = texts.map((_, index) => `t${index}`)
    const codec = viewCodec(viewPlan('v', {}, Object.fromEntries(names.map((name) => [name, 'text']))))
    const input = batch({
      feature_time: column('timestamp', [1]),
      ...Object.fromEntries(texts.map((text, index) => [`t${index}`, column('text', [text])])),
    })
    const [row] = Array.from(encodeRows(codec, input), ({ value }) => new Uint8Array(value))
    expect(codec.row.fields.map((field) => decode(codec.row, row!, field))).toEqual(texts)
  })

  it('has another fingerprint for another name, type or order', () => {
    const prints = [
      { a: 'double', b: 'text' },
      { b: 'text', a: 'double' },
      { a: 'double', c: 'text' },
      { a: 'bigint', b: 'text' },
      { a: 'double' },
    ] as const
    const all = prints.map((features) =>
      Buffer.from(rowCodec(Object.entries(features).map(([name, type]) => ({ name, type }))).fingerprint).toString(
        'hex',
      ),
    )
    expect(new Set(all).size).toBe(prints.length)
  })

  it('stores decimals as doubles', () => {
    expect(rowCodec([{ name: 'cost', type: { decimal: [12, 2] } }]).fields[0]?.type).toBe('double')
  })

  it('refuses a batch that lacks a column, has one of another type, or a row without a time', () => {
    const codec = viewCodec(viewPlan('usage', { id: 'integer' }, { kwh: 'double' }))
    const id = column('integer', [1, 2])
    const time = column('timestamp', [1, 2])
    const encode = (columns: Readonly<Record<string, ColumnVector>>) => () => [...encodeRows(codec, batch(columns))]
    expect(encode({ id, kwh: column('double', [1, 2]) })).toThrow('The batch for usage has no column feature_time.')
    expect(encode({ id, feature_time: column('bigint', [1, 2]), kwh: column('double', [1, 2]) })).toThrow(
      'has feature_time as bigint, not timestamp',
    )
    expect(encode({ id, feature_time: time })).toThrow('Feature kwh is not in the batch (it has id, feature_time)')
    expect(encode({ id, feature_time: time, kwh: column('integer', [1, 2]) })).toThrow(
      'Feature kwh is integer in the batch, but double in the view',
    )
    expect(encode({ id, feature_time: column('timestamp', [1, null]), kwh: column('double', [1, 2]) })).toThrow(
      'Row 1 of the batch for usage has no feature_time.',
    )
    expect(encode({ id: column('integer', [1, null]), feature_time: time, kwh: column('double', [1, 2]) })).toThrow(
      'Row 1 of the batch for usage: id must be an integer of 32 bits, got null',
    )
  })
})
