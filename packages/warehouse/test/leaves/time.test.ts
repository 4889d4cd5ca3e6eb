import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckDbLeaves as leaves, openDuckDb, rowsOf, snowflakeLeaves } from '@martlet/warehouse'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { textOf, valueOf } from '../support/leaf.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const text = (leaf: Sql) => textOf(warehouse, leaf)
const value = (leaf: Sql) => valueOf(warehouse, sql`SELECT ${leaf} AS v`)
const ts = (literal: string) => sql`TIMESTAMP ${sql.lit(literal)}`
const local = (leaf: Sql) => valueOf(warehouse, sql`SELECT strftime(${leaf}, '%Y-%m-%d %H:%M:%S') AS v`)

describe('instants', () => {
  it('print', () => {
    expect(text(leaves.timestamp(-1n))).toBe('make_timestamp(CAST(-1 AS BIGINT))')
    expect(text(snowflakeLeaves.timestamp(-1n))).toBe('CAST(TO_TIMESTAMP_NTZ(-1, 6) AS TIMESTAMP_NTZ(6))')
    expect(text(leaves.epochMicros(sql.ref('ts')))).toBe('epoch_us("ts")')
    expect(text(snowflakeLeaves.epochMicros(sql.ref('ts')))).toBe('DATE_PART(EPOCH_MICROSECOND, "ts")')
    expect(text(leaves.fromEpochMicros(sql.ref('n')))).toBe('make_timestamp(CAST("n" AS BIGINT))')
    expect(text(snowflakeLeaves.fromEpochMicros(sql.ref('n')))).toBe(
      'CAST(TO_TIMESTAMP_NTZ(CAST("n" AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))',
    )
    expect(text(leaves.addMicros(sql.ref('ts'), -5))).toBe('("ts" + to_microseconds(CAST(-5 AS BIGINT)))')
    expect(text(snowflakeLeaves.addMicros(sql.ref('ts'), sql.ref('n')))).toBe(`DATEADD('microsecond', "n", "ts")`)
  })

  it('are microseconds on either side of the epoch', async () => {
    expect(await value(sql`${leaves.timestamp(-1n)} = ${ts('1969-12-31 23:59:59.999999')}`)).toBe(true)
    expect(await value(sql`${leaves.timestamp(951_827_696_123_456)} = ${ts('2000-02-29 12:34:56.123456')}`)).toBe(true)
    expect(await value(leaves.epochMicros(ts('1969-12-31 23:59:59.999999')))).toBe(-1)
    expect(await value(leaves.epochMicros(sql`CAST(NULL AS TIMESTAMP)`))).toBeNull()
    expect(
      await value(sql`${leaves.addMicros(ts('1970-01-01'), -86_400_000_001n)} = ${ts('1969-12-30 23:59:59.999999')}`),
    ).toBe(true)
    // A day is 24 hours and a month never comes in.
    expect(await value(sql`${leaves.addMicros(ts('2024-01-31'), 86_400_000_000 * 30)} = ${ts('2024-03-01')}`)).toBe(
      true,
    )
    expect(await value(leaves.addMicros(ts('2024-01-31'), sql`CAST(NULL AS BIGINT)`))).toBeNull()
  })

  it('of a column from some time on are all among those that may be', async () => {
    const at = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
    const near = fc.bigInt({ min: -3n * 86_400_000_000n, max: 3n * 86_400_000_000n })
    const zone = fc.constantFrom('UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/London')
    const zoned = fc.constantFrom('TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR')
    await fc.assert(
      fc.asyncProperty(at, near, zone, zoned, async (from, by, clock, type) => {
        const column = sql`CAST(make_timestamp(${sql.lit(from + by)}::BIGINT) AS ${sql.raw(type)})`
        const instant = leaves.toInstant(sql`x`, clock, 'missing')
        const late = sql`COALESCE(${instant} >= ${leaves.timestamp(from)}, FALSE)`
        for (const bound of [from, sql`(SELECT CAST(${sql.lit(from)} AS BIGINT))`]) {
          const query = sql`SELECT NOT ${late} OR ${leaves.mayBeFrom(sql`x`, bound)} AS v FROM (SELECT ${column} AS x) t`
          expect(await valueOf(warehouse, query)).toBe(true)
        }
      }),
      {
        examples: [
          [0n, 0n, 'Pacific/Kiritimati', 'TIMESTAMP'],
          [0n, -10n, 'Pacific/Pago_Pago', 'VARCHAR'],
        ],
      },
    )
    // A text that is no time is no error and no event.
    expect(await value(sql`COALESCE(${leaves.mayBeFrom(sql`'soon'`, 0n)}, FALSE)`)).toBe(false)
    expect(text(leaves.mayBeFrom(sql.ref('ts'), 172_800_000_000n))).toBe(
      'TRY_CAST("ts" AS TIMESTAMP) >= make_timestamp(CAST(0 AS BIGINT))',
    )
    expect(text(snowflakeLeaves.mayBeFrom(sql.ref('ts'), 172_800_000_000n))).toBe(
      '"ts" >= CAST(TO_TIMESTAMP_NTZ(0, 6) AS TIMESTAMP_NTZ(6))',
    )
    const least = sql`(SELECT MIN(us) FROM p)`
    expect(text(leaves.mayBeFrom(sql.ref('ts'), least))).toBe(
      'TRY_CAST("ts" AS TIMESTAMP) >= make_timestamp(CAST(greatest((SELECT MIN(us) FROM p) - 172800000000, ' +
        '-62135596800000000) AS BIGINT))',
    )
    expect(text(snowflakeLeaves.mayBeFrom(sql.ref('ts'), least))).toBe(
      '"ts" >= CAST(TO_TIMESTAMP_NTZ(CAST(GREATEST_IGNORE_NULLS((SELECT MIN(us) FROM p) - 172800000000, ' +
        '-62135596800000000) AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))',
    )
  })

  it('survive the way to microseconds and back', async () => {
    const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
    await fc.assert(
      fc.asyncProperty(fc.array(micros, { minLength: 1, maxLength: 50 }), async (all) => {
        const list = sql.join(all.map((n) => sql`(${sql.lit(n)}::BIGINT)`))
        const { columns } = await warehouse.read(
          sql`SELECT ${leaves.epochMicros(leaves.fromEpochMicros(sql`n`))} AS n FROM (VALUES ${list}) AS t(n)`,
        )
        expect(columns[0]?.values).toEqual(BigInt64Array.from(all))
      }),
    )
  })

  it('are refused when a double does not hold the number exactly', () => {
    expect(() => leaves.timestamp(2 ** 53)).toThrow(/bigint/)
    expect(() => leaves.addMicros(sql.ref('ts'), 0.5)).toThrow(/whole number/)
  })

  it('keep the trap of dropped offsets in mind: DuckDB ignores an offset in text cast to TIMESTAMP', async () => {
    expect(await value(sql`'2024-01-01 00:00:00+02'::TIMESTAMP = ${ts('2024-01-01 00:00:00')}`)).toBe(true)
  })
})

describe('time zones', () => {
  it('print', () => {
    expect(text(leaves.toUtc(sql.ref('t'), 'Europe/Berlin'))).toBe(`timezone('UTC', timezone('Europe/Berlin', "t"))`)
    expect(text(leaves.toLocal(sql.ref('t'), 'Europe/Berlin'))).toBe(`timezone('Europe/Berlin', timezone('UTC', "t"))`)
    expect(text(snowflakeLeaves.toUtc(sql.ref('t'), 'Europe/Berlin'))).toBe(
      `CONVERT_TIMEZONE('Europe/Berlin', 'UTC', "t")`,
    )
    expect(text(snowflakeLeaves.toLocal(sql.ref('t'), 'Europe/Berlin'))).toBe(
      `CONVERT_TIMEZONE('UTC', 'Europe/Berlin', "t")`,
    )
    expect(text(leaves.toUtc(sql.ref('t'), 'UTC'))).toBe('"t"')
  })

  it('follow daylight saving, with the hour that happens twice and the one that does not', async () => {
    const utc = (literal: string) => local(leaves.toUtc(ts(literal), 'Europe/Berlin'))
    expect(await utc('2024-01-01 12:00:00')).toBe('2024-01-01 11:00:00')
    expect(await utc('2024-07-01 12:00:00')).toBe('2024-07-01 10:00:00')
    // 02:30 is at 00:30 and again at 01:30 UTC on this day: the second is taken.
    expect(await utc('2024-10-27 02:30:00')).toBe('2024-10-27 01:30:00')
    // 02:30 never was on this day: the offset from before the change is taken.
    expect(await utc('2024-03-31 02:30:00')).toBe('2024-03-31 01:30:00')
    expect(await local(leaves.toLocal(ts('2024-10-27 00:30:00'), 'Europe/Berlin'))).toBe('2024-10-27 02:30:00')
    expect(await local(leaves.toLocal(ts('2024-10-27 01:30:00'), 'Europe/Berlin'))).toBe('2024-10-27 02:30:00')
    expect(await local(leaves.toLocal(ts('2024-03-31 01:00:00'), 'Europe/Berlin'))).toBe('2024-03-31 03:00:00')
    expect(await local(leaves.toLocal(ts('2024-07-01 00:00:00'), 'America/New_York'))).toBe('2024-06-30 20:00:00')
    expect(await local(leaves.toUtc(ts('1960-01-01 00:00:00'), 'Asia/Kolkata'))).toBe('1959-12-31 18:30:00')
  })

  it('refuse a name that is no zone', () => {
    for (const zone of ['Mars/Olympus', `UTC'; DROP TABLE t; --`, ''])
      expect(() => leaves.toUtc(sql.ref('t'), zone)).toThrow(/IANA/)
  })
})

describe('calendar parts', () => {
  it('print', () => {
    expect(text(leaves.datePart('isoWeek', sql.ref('ts')))).toBe(`CAST(date_part('week', "ts") AS INTEGER)`)
    expect(text(snowflakeLeaves.datePart('isoWeek', sql.ref('ts')))).toBe('WEEKISO("ts")')
    expect(text(snowflakeLeaves.datePart('isoDayOfWeek', sql.ref('ts')))).toBe('DAYOFWEEKISO("ts")')
  })

  it('are those of the ISO calendar', async () => {
    const parts = ['year', 'quarter', 'month', 'isoWeek', 'dayOfYear', 'dayOfMonth', 'isoDayOfWeek', 'hour'] as const
    const of = async (literal: string) => {
      const row = sql.join(parts.map((part) => sql`${leaves.datePart(part, ts(literal))} AS ${sql.id(part)}`))
      const batch = await warehouse.read(sql`SELECT ${row}`)
      expect(batch.columns.every((column) => column.type === 'integer')).toBe(true)
      return Object.values(rowsOf(batch)[0] ?? {})
    }
    // Sunday; the last day of a leap year's February; a Monday that belongs to week 1 of the next year; before the epoch.
    expect(await of('2023-01-01 00:00:00')).toEqual([2023, 1, 1, 52, 1, 1, 7, 0])
    expect(await of('2024-02-29 23:59:59.999999')).toEqual([2024, 1, 2, 9, 60, 29, 4, 23])
    expect(await of('2024-12-30 12:00:00')).toEqual([2024, 4, 12, 1, 365, 30, 1, 12])
    expect(await of('1969-12-31 23:00:00')).toEqual([1969, 4, 12, 1, 365, 31, 3, 23])
    expect(await value(leaves.datePart('hour', sql`CAST(NULL AS TIMESTAMP)`))).toBeNull()
  })
})
