import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnBatch, MartletError, rowsOf } from '@martlet/warehouse'
import type { ColumnInput } from '@martlet/warehouse'

describe('columnBatch', () => {
  it('builds a vector of each type, with nulls marked', () => {
    const nulls = Uint8Array.of(0, 1)
    const batch = columnBatch({
      flag: { type: 'boolean', values: [true, null] },
      small: { type: 'integer', values: [-1, null] },
      big: { type: 'bigint', values: [2n ** 62n, null] },
      real: { type: 'double', values: [0.5, null] },
      words: { type: 'text', values: ['a', null] },
      at: { type: 'timestamp', values: [new Date(-1), null] },
      day: { type: 'date', values: [new Date(-1), null] },
    })
    expect(batch.rows).toBe(2)
    expect(batch.names).toEqual(['flag', 'small', 'big', 'real', 'words', 'at', 'day'])
    expect(batch.columns).toEqual([
      { type: 'boolean', values: Uint8Array.of(1, 0), nulls },
      { type: 'integer', values: Int32Array.of(-1, 0), nulls },
      { type: 'bigint', values: BigInt64Array.of(2n ** 62n, 0n), nulls },
      { type: 'double', values: Float64Array.of(0.5, 0), nulls },
      { type: 'text', values: ['a', ''], nulls },
      { type: 'timestamp', values: BigInt64Array.of(-1000n, 0n), nulls },
      { type: 'date', values: Int32Array.of(-1, 0), nulls },
    ])
    expect(columnBatch({ n: { type: 'integer', values: [1] } }).columns[0]?.nulls).toBeNull()
    expect(columnBatch({})).toEqual({ rows: 0, names: [], columns: [] })
  })

  it.each<[string, Record<string, ColumnInput>, Record<string, unknown>]>([
    [
      'columns of other lengths',
      { a: { type: 'integer', values: [1] }, b: { type: 'integer', values: [] } },
      { column: 'b' },
    ],
    ['an integer beyond 32 bits', { a: { type: 'integer', values: [1, 2 ** 31] } }, { column: 'a', row: 1 }],
    ['a fraction among integers', { a: { type: 'integer', values: [0.5] } }, { column: 'a', row: 0 }],
    ['a bigint beyond 64 bits', { a: { type: 'bigint', values: [2n ** 63n] } }, { column: 'a', row: 0 }],
    [
      'a number that a double does not hold exactly',
      { a: { type: 'bigint', values: [2 ** 53] } },
      { column: 'a', row: 0 },
    ],
    ['an invalid timestamp', { a: { type: 'timestamp', values: [new Date(Number.NaN)] } }, { column: 'a', row: 0 }],
    ['an invalid date', { a: { type: 'date', values: [new Date(Number.NaN)] } }, { column: 'a', row: 0 }],
  ])('refuses %s', (_, columns, data) => {
    const refused = () => columnBatch(columns)
    expect(refused).toThrow(MartletError)
    expect(refused).toThrow(expect.objectContaining({ code: 'BATCH_INVALID', data }))
  })
})

describe('rowsOf', () => {
  it('gives back what columnBatch was given, microseconds cut to milliseconds towards the past', () => {
    const row = fc.record({
      flag: fc.option(fc.boolean()),
      small: fc.option(fc.integer()),
      big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      real: fc.option(fc.double()),
      words: fc.option(fc.string()),
      at: fc.option(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })),
    })
    const asNumber = (value: bigint | null) =>
      value !== null && Number.isSafeInteger(Number(value)) ? Number(value) : value
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const batch = columnBatch({
          flag: { type: 'boolean', values: rows.map(({ flag }) => flag) },
          small: { type: 'integer', values: rows.map(({ small }) => small) },
          big: { type: 'bigint', values: rows.map(({ big }) => big) },
          real: { type: 'double', values: rows.map(({ real }) => real) },
          words: { type: 'text', values: rows.map(({ words }) => words) },
          at: { type: 'timestamp', values: rows.map(({ at }) => at) },
        })
        expect(rowsOf(batch)).toEqual(
          rows.map(({ at, big, ...rest }) => ({
            ...rest,
            big: asNumber(big),
            at: at === null ? null : new Date(Number((at - (((at % 1000n) + 1000n) % 1000n)) / 1000n)),
          })),
        )
      }),
    )
  })
})
