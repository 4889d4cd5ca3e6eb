import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckDbLeaves as leaves, openDuckDb, snowflakeLeaves, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { textOf, valueOf } from '../support/leaf.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const text = (leaf: Sql) => textOf(warehouse, leaf)
const value = (leaf: Sql) => valueOf(warehouse, sql`SELECT ${leaf} AS v`)
const x = sql.ref('x')
const big = sql`CAST(9223372036854775807 AS BIGINT)`

describe('fit', () => {
  it('prints its argument once', () => {
    expect(text(leaves.fit(x, 'bigint'))).toBe(
      'CAST(NULLIF(NULLIF(least(greatest("x", -9223372036854775809), 9223372036854775808), -9223372036854775809), ' +
        '9223372036854775808) AS BIGINT)',
    )
    expect(text(snowflakeLeaves.fit(x, 'integer'))).toBe(
      'CAST(NULLIF(NULLIF(LEAST_IGNORE_NULLS(GREATEST_IGNORE_NULLS("x", -2147483649), 2147483648), -2147483649), ' +
        '2147483648) AS NUMBER(10, 0))',
    )
  })

  it('gives null, and no error, for what the type cannot hold', async () => {
    const twice = leaves.fit(sql`${leaves.toWide(big)} + ${leaves.toWide(big)}`, 'bigint')
    expect(await value(twice)).toBeNull()
    expect(await value(leaves.fit(leaves.toWide(big), 'bigint'))).toBe(2n ** 63n - 1n)
    expect(await value(leaves.fit(sql`-${leaves.toWide(big)} - 1`, 'bigint'))).toBe(-(2n ** 63n))
    expect(await value(leaves.fit(sql`CAST(-2147483649 AS BIGINT)`, 'integer'))).toBeNull()
    expect(await value(leaves.fit(sql`CAST(NULL AS HUGEINT)`, 'bigint'))).toBeNull()
  })

  it('stays null in a comparison, where TRY_CAST would be taken away', async () => {
    await warehouse.run(sql`CREATE TABLE wide AS SELECT ${big} AS k`)
    const k = leaves.toWide(sql.ref('k'))
    const compared = (leaf: Sql) => valueOf(warehouse, sql`SELECT ${leaf} > 0 AS v FROM wide`)
    expect(await compared(leaves.fit(sql`${k} + ${k}`, 'bigint'))).toBeNull()
    // What would happen otherwise.
    expect(await compared(sql`TRY_CAST(${k} + ${k} AS BIGINT)`)).toBe(true)
  })
})

describe('fitColumn', () => {
  it('prints a range, and stays null in a comparison', async () => {
    expect(text(leaves.fitColumn(x, 'bigint'))).toBe(
      'CASE WHEN "x" >= -9223372036854775808 AND "x" <= 9223372036854775807 THEN CAST("x" AS BIGINT) END',
    )
    await warehouse.run(sql`CREATE TABLE totals AS SELECT ${leaves.toWide(big)} * 2 AS total`)
    const total = leaves.fitColumn(sql.ref('total'), 'bigint')
    expect(await valueOf(warehouse, sql`SELECT ${total} AS v FROM totals`)).toBeNull()
    expect(await valueOf(warehouse, sql`SELECT ${total} > 0 AS v FROM totals`)).toBeNull()
  })
})

describe('tryCast', () => {
  it('prints', () => {
    expect(text(leaves.tryCast(x, 'bigint'))).toBe('TRY_CAST("x" AS BIGINT)')
    expect(text(snowflakeLeaves.tryCast(x, 'integer'))).toBe(
      'CASE WHEN "x" >= -2147483648 AND "x" <= 2147483647 THEN CAST("x" AS NUMBER(10, 0)) END',
    )
    expect(text(snowflakeLeaves.tryCast(x, { decimal: [12, 2] }))).toBe(
      'CASE WHEN ABS(CAST("x" AS DOUBLE)) < 1e10 THEN CAST("x" AS NUMBER(12, 2)) END',
    )
    expect(text(snowflakeLeaves.tryCast(x, { decimal: [38, 2] }))).toBe('CAST("x" AS NUMBER(38, 2))')
  })

  it('gives null for what the type cannot hold', async () => {
    expect(await value(leaves.tryCast(sql`CAST(1e300 AS DOUBLE)`, 'bigint'))).toBeNull()
    expect(await value(leaves.tryCast(sql`CAST(12345678901 AS BIGINT)`, 'integer'))).toBeNull()
    expect(await value(leaves.tryCast(sql`CAST(123 AS BIGINT)`, { decimal: [4, 2] }))).toBeNull()
    expect(await value(leaves.tryCast(sql`CAST(7 AS INTEGER)`, 'bigint'))).toBe(7)
  })
})

describe('leastOrNull and greatestOrNull', () => {
  it('are null when one of the values is', async () => {
    const none = sql`CAST(NULL AS INTEGER)`
    expect(await value(leaves.greatestOrNull(sql`3`, none))).toBeNull()
    expect(await value(leaves.leastOrNull(none, sql`3`, sql`4`))).toBeNull()
    expect(await value(leaves.greatestOrNull(sql`3`, sql`5`, sql`4`))).toBe(5)
    // What would happen otherwise.
    expect(await value(leaves.greatest(sql`3`, none))).toBe(3)
    expect(text(leaves.greatestOrNull(x, sql.ref('y')))).toBe(
      'CASE WHEN "x" IS NOT NULL AND "y" IS NOT NULL THEN greatest("x", "y") END',
    )
  })
})
