import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnBatch, openDuckDb } from '@martlet/warehouse'
import type { ColumnVector, Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

/** The literal and a null, read as one column. */
async function column(literal: string): Promise<ColumnVector | undefined> {
  const { columns } = await warehouse.read(sql`SELECT ${sql.raw(literal)} AS v UNION ALL SELECT NULL`)
  return columns[0]
}

const nulls = Uint8Array.of(0, 1)
const integer = (value: number): ColumnVector => ({ type: 'integer', values: Int32Array.of(value, 0), nulls })
const bigint = (value: bigint): ColumnVector => ({ type: 'bigint', values: BigInt64Array.of(value, 0n), nulls })
const double = (value: number): ColumnVector => ({ type: 'double', values: Float64Array.of(value, 0), nulls })
const decimals = (decimal: readonly [number, number], value: bigint): ColumnVector => ({
  type: { decimal },
  values: [value, 0n],
  nulls,
})
const text = (value: string): ColumnVector => ({ type: 'text', values: [value, ''], nulls })
const timestamp = (value: bigint): ColumnVector => ({ type: 'timestamp', values: BigInt64Array.of(value, 0n), nulls })

describe('DuckDB types as column vectors', () => {
  it.each<[string, ColumnVector]>([
    ['(-128)::TINYINT', integer(-128)],
    ['255::UTINYINT', integer(255)],
    ['(-32768)::SMALLINT', integer(-32768)],
    ['65535::USMALLINT', integer(65535)],
    ['(-2147483648)::INTEGER', integer(-2147483648)],
    ['4294967295::UINTEGER', bigint(4294967295n)],
    ['(-9223372036854775808)::BIGINT', bigint(-(2n ** 63n))],
    ['9223372036854775807::UBIGINT', bigint(2n ** 63n - 1n)],
    ['170141183460469231731687303715884105727::HUGEINT', double(2 ** 127)],
    ['(-9007199254740993)::HUGEINT', double(-9007199254740992)],
    ['1.1::FLOAT', double(Math.fround(1.1))],
    ["'NaN'::DOUBLE", double(Number.NaN)],
    ["'-Infinity'::DOUBLE", double(Number.NEGATIVE_INFINITY)],
    ['1.1::DECIMAL(4, 1)', double(1.1)],
    ['(-0.000001)::DECIMAL(9, 6)', double(-0.000001)],
    ['12345678901.3456::DECIMAL(15, 4)', double(12345678901.3456)],
    ['12345678901234.56::DECIMAL(18, 2)', decimals([18, 2], 1234567890123456n)],
    ["'-9999999999999999.99'::DECIMAL(18, 2)", decimals([18, 2], 1n - 10n ** 18n)],
    [
      "'12345678901234567890123456.789012345678'::DECIMAL(38, 12)",
      decimals([38, 12], 12345678901234567890123456789012345678n),
    ],
    ["'-99999999999999999999999999999999999999'::DECIMAL(38, 0)", decimals([38, 0], 1n - 10n ** 38n)],
    ["TIMESTAMP '1969-12-31 23:59:59.999999'", timestamp(-1n)],
    ["TIMESTAMPTZ '2024-01-01 00:00:00+02'", timestamp(1_704_060_000_000_000n)],
    ["TIMESTAMP_S '1969-12-31 23:59:59'", timestamp(-1_000_000n)],
    ["TIMESTAMP_MS '1969-12-31 23:59:59.999'", timestamp(-1000n)],
    ["TIMESTAMP_NS '1969-12-31 23:59:59.999999999'", timestamp(-1n)],
    ["TIMESTAMP_NS '1970-01-01 00:00:00.000001999'", timestamp(1n)],
    ["DATE '1969-12-31'", { type: 'date', values: Int32Array.of(-1, 0), nulls }],
    ['TRUE', { type: 'boolean', values: Uint8Array.of(1, 0), nulls }],
    ["'exactly12byt'", text('exactly12byt')],
    ["'thirteen byte'", text('thirteen byte')],
    ["'é€𝄞'", text('é€𝄞')],
    ["'ééééééééééééé'", text('é'.repeat(13))],
    ["'late'::ENUM('early', 'late')", text('late')],
    ["'f47ac10b-58cc-4372-a567-0e02b2c3d479'::UUID", text('f47ac10b-58cc-4372-a567-0e02b2c3d479')],
    [`'{"a": 1}'::JSON`, text('{"a": 1}')],
  ])('%s', async (literal, expected) => {
    expect(await column(literal)).toEqual(expected)
  })

  it.each(['[1, 2]', "{'a': 1}", 'MAP {1: 2}', "INTERVAL '1 day'", "TIME '12:00:00'", "'a'::BLOB", "'101'::BIT"])(
    '%s is refused by name, with what to do',
    async (literal) => {
      const failure = await codeOf(column(literal))
      expect(failure.code).toBe('COLUMN_TYPE_UNSUPPORTED')
      expect(failure.message).toContain('Column "v"')
      expect(failure.message).toContain('Cast')
    },
  )

  it('refuses an unsigned integer that has no place in 64 signed bits', async () => {
    expect(await codeOf(column('9223372036854775808::UBIGINT'))).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      data: { column: 'v', value: '9223372036854775808' },
    })
  })

  it('are told by introspect, without columns that no vector holds', async () => {
    await warehouse.run(
      sql`CREATE TABLE odd (a UTINYINT, b HUGEINT, c UUID, d ENUM('x'), e TIMESTAMPTZ, f FLOAT, g INTEGER[],
        h STRUCT(a INTEGER), i JSON, j DECIMAL(9, 3) NOT NULL)`,
    )
    expect((await warehouse.introspect('odd'))?.map(({ name, type }) => [name, type])).toEqual([
      ['a', 'integer'],
      ['b', 'double'],
      ['c', 'text'],
      ['d', 'text'],
      ['e', 'timestamp'],
      ['f', 'double'],
      ['i', 'text'],
      ['j', { decimal: [9, 3] }],
    ])
    await warehouse.session(async (session) => {
      await session.run(sql`CREATE TEMPORARY TABLE odd (day DATE)`)
      expect(await session.introspect('odd')).toEqual([{ name: 'day', type: 'date', nullable: true }])
    })
    await warehouse.run(sql`CREATE VIEW odd_view AS SELECT a, j FROM odd`)
    expect((await warehouse.introspect('main.odd_view'))?.map(({ name }) => name)).toEqual(['a', 'j'])
    expect(await warehouse.introspect('MEMORY.Main.ODD')).toHaveLength(8)
  })

  it('keeps any text that UTF-8 can hold, in and out', async () => {
    const words = [
      '',
      '\0',
      'a\0b',
      'nul in a longer text \0 than a cell',
      '\u{10FFFF}',
      'é',
      '\uFEFF',
      '\r\n',
      'x'.repeat(100_000),
      'é'.repeat(50_000),
    ]
    await warehouse.run(sql`CREATE TABLE words (row_id INTEGER, word VARCHAR)`)
    await warehouse.append(
      'words',
      columnBatch({
        row_id: { type: 'integer', values: words.map((_, row) => row) },
        word: { type: 'text', values: words },
      }),
    )
    expect((await warehouse.read(sql`SELECT word FROM words ORDER BY row_id`)).columns[0]).toEqual({
      type: 'text',
      values: words,
      nulls: null,
    })
    for (const word of words)
      expect((await warehouse.read(sql`SELECT ${word} AS word`)).columns[0]).toEqual({
        type: 'text',
        values: [word],
        nulls: null,
      })
    // Half of a surrogate pair is not text: it becomes the replacement character.
    expect((await warehouse.read(sql`SELECT ${'\uD800'} AS word`)).columns[0]).toEqual({
      type: 'text',
      values: ['\uFFFD'],
      nulls: null,
    })
  })

  it('reads texts of all lengths, repeated and shuffled, from any place in memory', async () => {
    const texts = sql`SELECT i, repeat(CASE i % 5 WHEN 0 THEN 'é' WHEN 1 THEN '𝄞' ELSE chr(97 + (i % 26)::INTEGER) END,
      (i * 7919 % 61)::INTEGER) AS t FROM range(20000) AS r(i)`
    const expected = (i: number) =>
      (i % 5 === 0 ? 'é' : i % 5 === 1 ? '𝄞' : String.fromCharCode(97 + (i % 26))).repeat((i * 7919) % 61)
    for (const order of [sql`i`, sql`hash(i)`, sql`t, i`]) {
      const query = sql`SELECT * FROM (${texts}) AS x ORDER BY ${order}`
      const batches = [await warehouse.read(query)]
      for await (const batch of warehouse.stream(query, { batchRows: 999 })) batches.push(batch)
      for (const { columns } of batches) {
        const [ids, words] = columns
        if (words?.type !== 'text') throw new Error('expected text')
        expect(words.values).toEqual(
          Array.from({ length: words.values.length }, (_, row) => expected(Number(ids?.values[row]))),
        )
      }
    }
  })

  it('keeps values over chunks of 2048 rows apart, with the nulls of each', async () => {
    const { columns } = await warehouse.read(
      sql`SELECT CASE WHEN i % 3000 = 0 THEN NULL ELSE i END AS n, CASE WHEN i % 2047 = 0 THEN NULL
        ELSE 'row number ' || i END AS t FROM range(10000) AS r(i)`,
    )
    const rows = Array.from({ length: 10000 }, (_, row) => row)
    expect(columns[0]).toEqual({
      type: 'bigint',
      values: BigInt64Array.from(rows, (row) => (row % 3000 === 0 ? 0n : BigInt(row))),
      nulls: Uint8Array.from(rows, (row) => (row % 3000 === 0 ? 1 : 0)),
    })
    expect(columns[1]).toEqual({
      type: 'text',
      values: rows.map((row) => (row % 2047 === 0 ? '' : `row number ${row}`)),
      nulls: Uint8Array.from(rows, (row) => (row % 2047 === 0 ? 1 : 0)),
    })
  })
})
