import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckDbLeaves as leaves, openDuckDb, snowflakeLeaves } from '@martlet/warehouse'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { textOf, valueOf } from '../support/leaf.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const text = (leaf: Sql) => textOf(warehouse, leaf)
const value = (leaf: Sql) => valueOf(warehouse, sql`SELECT ${leaf} AS v`)
const x = sql.ref('x')
const double = (literal: string) => sql`CAST(${sql.lit(literal)} AS DOUBLE)`

describe('floorDivide', () => {
  it('prints', () => {
    expect(text(leaves.floorDivide(x, 7))).toBe(
      '(CAST("x" AS BIGINT) // 7 - CASE WHEN CAST("x" AS BIGINT) % 7 < 0 THEN 1 ELSE 0 END)',
    )
    expect(text(snowflakeLeaves.floorDivide(x, 7))).toBe('CAST(("x" - MOD(MOD("x", 7) + 7, 7)) / 7 AS NUMBER(19, 0))')
  })

  it('rounds down on both sides of zero, exactly and at any size', async () => {
    expect(await value(leaves.floorDivide(sql`-7`, 2))).toBe(-4)
    expect(await value(leaves.floorDivide(sql`7`, 2))).toBe(3)
    expect(await value(leaves.floorDivide(sql`-8`, 2))).toBe(-4)
    expect(await value(leaves.floorDivide(sql`CAST(NULL AS BIGINT)`, 2))).toBeNull()
    const floor = (a: bigint, n: bigint) => (a - (((a % n) + n) % n)) / n
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        async (all, n) => {
          const list = sql.join(all.map((a) => sql`('${sql.raw(String(a))}'::BIGINT)`))
          const { columns } = await warehouse.read(
            sql`SELECT ${leaves.floorDivide(sql`a`, n)} AS q FROM (VALUES ${list}) AS t(a)`,
          )
          expect(columns[0]?.values).toEqual(BigInt64Array.from(all, (a) => floor(a, BigInt(n))))
        },
      ),
    )
  })

  it('refuses a divisor that is not a positive whole number', () => {
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => leaves.floorDivide(x, n)).toThrow(/whole number/)
  })
})

describe('finite, toDouble, divide', () => {
  it('print', () => {
    expect(text(leaves.finite(x))).toBe('CASE WHEN isfinite(CAST("x" AS DOUBLE)) THEN CAST("x" AS DOUBLE) END')
    expect(text(snowflakeLeaves.finite(x))).toBe(
      `CASE WHEN CAST("x" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) ` +
        'THEN CAST("x" AS DOUBLE) END',
    )
    expect(text(leaves.divide(x, sql.ref('y')))).toBe('(CAST("x" AS DOUBLE) / NULLIF(CAST("y" AS DOUBLE), 0))')
    expect(text(snowflakeLeaves.divide(x, sql.ref('y')))).toBe('(CAST("x" AS DOUBLE) / NULLIF(CAST("y" AS DOUBLE), 0))')
    expect(text(leaves.toDouble(x))).toBe('CAST("x" AS DOUBLE)')
  })

  it('leave no NaN, infinity or division by zero', async () => {
    for (const bad of ['NaN', 'Infinity', '-Infinity']) expect(await value(leaves.finite(double(bad)))).toBeNull()
    expect(await value(leaves.finite(sql`NULL`))).toBeNull()
    expect(await value(leaves.finite(sql`CAST(1.5 AS DECIMAL(4, 2))`))).toBe(1.5)
    expect(await value(leaves.divide(sql`7`, sql`2`))).toBe(3.5)
    expect(await value(leaves.divide(sql`7`, sql`0`))).toBeNull()
    expect(await value(leaves.divide(sql`0`, double('-0')))).toBeNull()
    expect(await value(leaves.divide(sql`NULL`, sql`2`))).toBeNull()
    // What would happen otherwise.
    expect(await value(sql`${double('1')} / 0`)).toBe(Number.POSITIVE_INFINITY)
  })

  it('are 8 bytes wide, where FLOAT would be 4', async () => {
    expect(await value(leaves.toDouble(sql`0.1`))).toBe(0.1)
    expect(await value(sql`CAST(0.1 AS FLOAT)`)).toBe(Math.fround(0.1))
    expect(text(leaves.columnType('double'))).toBe('DOUBLE')
  })
})

describe('least and greatest', () => {
  it('pass over nulls, and are null when all are', async () => {
    expect(text(snowflakeLeaves.least(x, sql.ref('y')))).toBe('LEAST_IGNORE_NULLS("x", "y")')
    expect(text(snowflakeLeaves.greatest(x, sql.ref('y')))).toBe('GREATEST_IGNORE_NULLS("x", "y")')
    expect(await value(leaves.least(sql`3`, sql`NULL`, sql`2`))).toBe(2)
    expect(await value(leaves.greatest(sql`NULL`, sql`3`, sql`2`))).toBe(3)
    expect(await value(leaves.greatest(sql`CAST(NULL AS INTEGER)`, sql`NULL`))).toBeNull()
  })
})

describe('binIndex', () => {
  it('prints a balanced search', () => {
    const expected =
      'CASE WHEN "x" IS NULL THEN NULL ELSE CASE WHEN "x" <= 1.5e+0 THEN CASE WHEN "x" <= -1e-1 THEN 0 ELSE 1 END ELSE ' +
      'CASE WHEN "x" <= 1e+21 THEN 2 ELSE 3 END END END'
    expect(text(leaves.binIndex(x, [-0.1, 1.5, 1e21]))).toBe(expected)
    expect(text(snowflakeLeaves.binIndex(x, [-0.1, 1.5, 1e21]))).toBe(expected)
  })

  it('counts the edges below, so that bins are closed on the right', async () => {
    const edges = fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 0,
      maxLength: 40,
      comparator: (a, b) => a === b,
    })
    await fc.assert(
      fc.asyncProperty(
        edges,
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 30 }),
        async (unsorted, others) => {
          const sorted = unsorted.map((edge) => edge + 0).toSorted((a, b) => a - b)
          const all = [...sorted, ...others, 0]
          const list = sql.join(all.map((a) => sql`(${sql.lit(a.toExponential())}::DOUBLE)`))
          const { columns } = await warehouse.read(
            sql`SELECT ${leaves.binIndex(sql`a`, sorted)} AS bin FROM (VALUES ${list}) AS t(a)`,
          )
          expect(columns[0]).toEqual({
            type: 'integer',
            values: Int32Array.from(all, (a) => sorted.filter((edge) => edge < a).length),
            nulls: null,
          })
        },
      ),
    )
    expect(await value(leaves.binIndex(sql`CAST(NULL AS DOUBLE)`, [1, 2]))).toBeNull()
  })

  it('counts the same where it looks numbers up: even edges, dense ones, pairs, and tails of any weight', async () => {
    const shape = fc.constantFrom<((u: number) => number)[]>(
      (u) => u,
      (u) => 1e6 + u / 1e3,
      (u) => Math.tan(3.14 * (u - 0.5)),
      (u) => Math.exp(20 * u),
      (u) => -Math.exp(-30 * u),
      (u) => Math.round(40 * u),
      (u) => (u < 0.4 ? 0 : u ** 9),
      (u) => 1e300 * (u - 0.5),
    )
    const share = fc.noBias(fc.integer({ min: 0, max: 2 ** 40 })).map((drawn) => drawn / 2 ** 40)
    const draws = fc.array(share, { minLength: 40, maxLength: 120 })
    const other = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }))
    let lookedUp = 0
    await fc.assert(
      fc.asyncProperty(shape, draws, fc.nat(20), other, async (of, us, pairs, far) => {
        const values = us.map((u) => of(u) + 0)
        const near = values.flatMap((value) => [value, value * (1 + 2 ** -52), value * (1 - 2 ** -52), value + 1e-9])
        const edges = [
          ...new Set([...values, ...values.slice(0, pairs).map((value) => value * (1 - 2 ** -52))]),
        ].toSorted((a, b) => a - b)
        lookedUp += text(leaves.binIndex(x, edges)).includes('array_extract') ? 1 : 0
        const all = [...near, ...far, Number.MAX_VALUE, -Number.MAX_VALUE, 0]
        const list = sql.join(all.map((a) => sql`(${sql.lit(a.toExponential())}::DOUBLE)`))
        const { columns } = await warehouse.read(
          sql`SELECT ${leaves.binIndex(sql`a`, edges)} AS bin FROM (VALUES ${list}, (NULL)) AS t(a)`,
        )
        expect([...(columns[0]?.values ?? [])].slice(0, -1)).toEqual(
          all.map((a) => edges.filter((edge) => edge < a).length),
        )
        expect(columns[0]?.nulls?.at(-1)).toBe(1)
      }),
      { numRuns: 40 },
    )
    expect(lookedUp).toBeGreaterThan(5)
  })

  it('refuses edges that do not ascend or are not finite', () => {
    expect(() => leaves.binIndex(x, [1, 1])).toThrow(/ascend/)
    expect(() => leaves.binIndex(x, [1, Number.POSITIVE_INFINITY])).toThrow(/finite/)
  })
})

describe('groupKey', () => {
  it('is one byte where the bounds allow it', () => {
    expect(text(leaves.groupKey(x, -4, 127))).toBe('CAST("x" AS TINYINT)')
    expect(text(leaves.groupKey(x, 0, 255))).toBe('CAST("x" AS UTINYINT)')
    expect(text(leaves.groupKey(x, -4, 128))).toBe('"x"')
    expect(text(snowflakeLeaves.groupKey(x, -4, 127))).toBe('"x"')
  })
})

describe('quantiles', () => {
  it('print', () => {
    expect(leaves.quantiles(x, [0.25, 0.5]).map(text)).toEqual([
      '(quantile_cont(CAST("x" AS DOUBLE), [2.5e-1, 5e-1]))[1]',
      '(quantile_cont(CAST("x" AS DOUBLE), [2.5e-1, 5e-1]))[2]',
    ])
    expect(snowflakeLeaves.quantiles(x, [0.25]).map(text)).toEqual([
      'PERCENTILE_CONT(2.5e-1) WITHIN GROUP (ORDER BY CAST("x" AS DOUBLE))',
    ])
  })

  it('interpolate between values and pass over nulls', async () => {
    const of = async (probabilities: readonly number[], values: Sql) => {
      const { columns } = await warehouse.read(
        sql`SELECT ${sql.join(leaves.quantiles(sql`v`, probabilities).map((q, i) => sql`${q} AS ${sql.id(`q${i}`)}`))}
          FROM (VALUES ${values}) AS t(v)`,
      )
      return columns.map((column) => (column.nulls === null ? column.values[0] : null))
    }
    expect(await of([0, 0.25, 0.5, 1], sql`(1), (2), (4), (NULL)`)).toEqual([1, 1.5, 2, 4])
    expect(await of([0.5], sql`(CAST(NULL AS DOUBLE))`)).toEqual([null])
    expect(() => leaves.quantiles(x, [1.5])).toThrow(/0..1/)
  })
})

describe('sketches', () => {
  it('print', () => {
    expect(text(leaves.approximateQuantile(x, 0.9))).toBe('approx_quantile(CAST("x" AS DOUBLE), CAST(9e-1 AS FLOAT))')
    expect(text(snowflakeLeaves.approximateQuantile(x, 0.9))).toBe('APPROX_PERCENTILE(CAST("x" AS DOUBLE), 9e-1)')
    expect(text(leaves.approximateDistinct(x))).toBe('COUNT(DISTINCT "x")')
    expect(text(snowflakeLeaves.approximateDistinct(x))).toBe('APPROX_COUNT_DISTINCT("x")')
    expect(() => leaves.approximateQuantile(x, -0.1)).toThrow(/0..1/)
  })
})
