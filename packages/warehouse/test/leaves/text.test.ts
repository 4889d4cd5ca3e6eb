import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckDbLeaves as leaves, openDuckDb, snowflakeLeaves } from '@martlet/warehouse'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { textOf, valueOf } from '../support/leaf.ts'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const text = (leaf: Sql) => textOf(warehouse, leaf)
const value = (leaf: Sql) => valueOf(warehouse, sql`SELECT ${leaf} AS v`)
const key = (...cells: readonly (string | null)[]) =>
  cells.map((cell) => (cell === null ? '~' : `${[...cell].length}:${cell}`)).join('')

describe('textKey', () => {
  it('prints', () => {
    const one = (name: string) =>
      `COALESCE(CAST(LENGTH(CAST("${name}" AS VARCHAR)) AS VARCHAR) || ':' || CAST("${name}" AS VARCHAR), '~')`
    expect(text(leaves.textKey(sql.ref('a'), sql.ref('b')))).toBe(`(${one('a')} || ${one('b')})`)
    expect(text(snowflakeLeaves.textKey(sql.ref('a')))).toBe(`(${one('a')})`)
    expect(() => leaves.textKey()).toThrow(/at least one/)
  })

  it('tells keys apart that look alike when joined', async () => {
    const keys = [
      ['1', '11'],
      ['11', '1'],
      ['', '111'],
      ['1:1', '1'],
      [null, '~'],
      ['~', null],
      ['', ''],
      [null, null],
      ['0:', ''],
    ] as const
    const printed = await Promise.all(keys.map(([a, b]) => value(leaves.textKey(sql`${a}`, sql`${b}`))))
    expect(printed).toEqual(keys.map(([a, b]) => key(a, b)))
    expect(new Set(printed).size).toBe(keys.length)
    expect(await value(leaves.textKey(sql`CAST(-7 AS BIGINT)`, sql`TRUE`, sql`DATE '2024-02-29'`))).toBe(
      '2:-74:true10:2024-02-29',
    )
  })
})

describe('rowHash', () => {
  it('prints', () => {
    expect(text(leaves.rowHash(sql.ref('a'), sql.ref('b')))).toBe('CAST(hash("a", "b") AS HUGEINT)')
    expect(text(snowflakeLeaves.rowHash(sql.ref('a'), sql.ref('b')))).toBe('CAST(HASH("a", "b") AS NUMBER(38, 0))')
    expect(() => leaves.rowHash()).toThrow(/at least one/)
  })

  it('notices by its sum what a XOR would miss: rows that swap values, and pairs of equal rows', async () => {
    const changed = (aggregate: string, before: string, after: string) =>
      value(
        sql`(SELECT ${sql.raw(aggregate)}(${leaves.rowHash(sql.ref('k'), sql.ref('v'))}) FROM (VALUES ${sql.raw(before)}) t(k, v))
          <> (SELECT ${sql.raw(aggregate)}(${leaves.rowHash(sql.ref('k'), sql.ref('v'))}) FROM (VALUES ${sql.raw(after)}) t(k, v))`,
      )
    for (const [before, after] of [
      ["('a', 1), ('b', 2)", "('a', 2), ('b', 1)"],
      ["('a', 1), ('a', 1)", "('b', 7), ('b', 7)"],
    ] as const) {
      expect(await changed('SUM', before, after)).toBe(true)
      expect(await changed('BIT_XOR', before, after)).toBe(false)
    }
    expect(await changed('SUM', "('a', 1), ('b', 2)", "('b', 2), ('a', 1)")).toBe(false)
  })

  it('tells nulls by their place, and neither sign of zero nor the width of a whole number', async () => {
    const same = (a: Sql, b: Sql) => value(sql`${a} = ${b}`)
    const nothing = sql`CAST(NULL AS VARCHAR)`
    expect(await same(leaves.rowHash(sql`'a'`, nothing), leaves.rowHash(nothing, sql`'a'`))).toBe(false)
    expect(await same(leaves.rowHash(sql`''`), leaves.rowHash(nothing))).toBe(false)
    expect(await value(leaves.rowHash(nothing))).not.toBeNull()
    expect(await same(leaves.rowHash(sql`0.0::DOUBLE`), leaves.rowHash(sql`(-0.0)::DOUBLE`))).toBe(true)
    expect(await same(leaves.rowHash(sql`1::INTEGER`), leaves.rowHash(sql`1::BIGINT`))).toBe(true)
  })
})

describe('rowBucket', () => {
  it('prints', () => {
    expect(text(leaves.rowBucket(64, sql.ref('a')))).toBe('CAST(hash("a") % 64 AS BIGINT)')
    expect(text(snowflakeLeaves.rowBucket(64, sql.ref('a'), sql.ref('b')))).toBe(
      'CAST(ABS(MOD(HASH("a", "b"), 64)) AS NUMBER(19, 0))',
    )
    expect(() => leaves.rowBucket(64)).toThrow(/at least one/)
  })

  it('spreads rows over all buckets, and equal ones into the same', async () => {
    const bucket = leaves.rowBucket(8, sql`'c' || (i % 1000)`)
    const [least, most, buckets, all] = await Promise.all(
      [
        sql`(SELECT MIN(${bucket}) FROM range(5000) r(i))`,
        sql`(SELECT MAX(${bucket}) FROM range(5000) r(i))`,
        sql`(SELECT COUNT(DISTINCT ${bucket}) FROM range(5000) r(i))`,
        sql`(SELECT COUNT(DISTINCT (i % 1000, ${bucket})) FROM range(5000) r(i))`,
      ].map((of) => value(of)),
    )
    expect([least, most, buckets, all]).toEqual([0, 7, 8, 1000])
  })
})

describe('stableHash', () => {
  it('prints', () => {
    expect(text(leaves.stableHash(sql.ref('a')))).toMatch(/^CAST\('0x' \|\| substr\(md5\(.*\), 1, 15\) AS BIGINT\)$/)
    expect(text(snowflakeLeaves.stableHash(sql.ref('a')))).toMatch(
      /^CAST\(TO_NUMBER\(SUBSTR\(MD5\(.*\), 1, 15\), 'X{15}'\) AS NUMBER\(19, 0\)\)$/,
    )
  })

  it('is the first 15 hex digits of md5 over the text key, as any language computes it', async () => {
    const cell = fc.option(
      fc.string({ unit: 'grapheme' }).filter((t) => !t.includes('\0')),
      { nil: null },
    )
    await fc.assert(
      fc.asyncProperty(cell, cell, async (a, b) => {
        const digest = createHash('md5').update(key(a, b), 'utf8').digest('hex')
        const { columns } = await warehouse.read(sql`SELECT ${leaves.stableHash(sql`${a}`, sql`${b}`)} AS h`)
        expect(columns[0]?.values[0]).toBe(BigInt(`0x${digest.slice(0, 15)}`))
      }),
    )
  })

  it("does not use the engine's number from md5, which is little-endian here", async () => {
    const number = await valueOf(warehouse, sql`SELECT CAST(md5_number_lower('Snowflake') AS VARCHAR) AS v`)
    expect(number).toBe('16053302823604369535')
    expect(BigInt(`0x${createHash('md5').update('Snowflake').digest('hex').slice(16)}`)).toBe(9203306159527282910n)
  })
})

describe('textLength and matches', () => {
  it('print', () => {
    expect(text(snowflakeLeaves.textLength(sql.ref('a')))).toBe('LENGTH("a")')
    expect(text(leaves.matches(sql.ref('a'), String.raw`^\d+'$`))).toBe(String.raw`regexp_matches("a", '^\d+''$')`)
    expect(snowflakeText(snowflakeLeaves.matches(sql.ref('a'), String.raw`^\d+$`))).toBe(
      String.raw`(REGEXP_INSTR("A", '^\\d+$') > 0)`,
    )
  })

  it('count characters and find patterns anywhere', async () => {
    expect(await value(leaves.textLength(sql`'é€𝄞'`))).toBe(3)
    expect(await value(leaves.matches(sql`'abc123'`, String.raw`\d{3}`))).toBe(true)
    expect(await value(leaves.matches(sql`'abc123'`, String.raw`^\d{3}$`))).toBe(false)
    expect(await value(leaves.matches(sql`CAST(NULL AS VARCHAR)`, 'a'))).toBeNull()
  })
})
