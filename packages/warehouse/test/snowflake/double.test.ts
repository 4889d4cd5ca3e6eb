import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnBatch, ensureTable, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { SnowflakeDouble } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

let double: SnowflakeDouble
let warehouse: Warehouse
beforeAll(async () => {
  double = await SnowflakeDouble.start()
  warehouse = await openDouble(double)
  await ensureTable(warehouse, {
    table: 'events',
    columns: [
      { name: 'k', type: 'text' },
      { name: 'us', type: 'bigint' },
      { name: 'x', type: 'double' },
    ],
  })
  const k = { type: 'text', values: ['a', 'a', 'a', 'b', 'b'] } as const
  const us = { type: 'bigint', values: [1, 2, 3, 1, 5] } as const
  await warehouse.append('events', columnBatch({ k, us, x: { type: 'double', values: [1, 1, null, 7, 8] } }))
})
afterAll(async () => {
  await warehouse.close()
  await double.stop()
})

describe('the double', () => {
  it.each([
    ['SELECT md5_number(1)', 'the function MD5_NUMBER'],
    ['SELECT list_transform(x, 1) FROM events', 'the function LIST_TRANSFORM'],
    ['SELECT quantile_cont(x, 0.5) FROM events', 'the function QUANTILE_CONT'],
    ['SELECT least(1, 2)', 'the function LEAST'],
    ['SELECT 7 // 2', 'the operator //'],
    ['SELECT [1]', 'the operator ['],
    ['SELECT CAST(1 AS NUMBER)', 'NUMBER without precision and scale'],
    ['SELECT CAST(1 AS HUGEINT)', 'the type HUGEINT'],
    ['SELECT "k" FROM events', 'the quoted name "k" has lower-case letters'],
    ['SELECT * FROM events ASOF LEFT JOIN events AS r ON TRUE', 'ASOF without JOIN after it'],
    ['SELECT LAST_VALUE(x IGNORE NULLS) OVER (ORDER BY us) FROM events', 'IGNORE NULLS inside the parentheses'],
    ["INSERT INTO events VALUES ('a', 1, 1) RETURNING k", 'the word RETURNING'],
    ["INSERT INTO events VALUES ('a', 1, 1) ON CONFLICT DO NOTHING", 'the word CONFLICT'],
    ["COPY events TO 'x.csv'", "COPY in another form than the driver's"],
    ['SELECT k FROM events WHERE us + INTERVAL 28 DAY > us', "INTERVAL in another form than INTERVAL '28 days'"],
    ["SELECT INTERVAL '28 days'", 'an INTERVAL that is not added to a time'],
    ['SELECT 1; SELECT 2', 'several statements in one request'],
    ['SELECT * FROM INFORMATION_SCHEMA.VIEWS', 'INFORMATION_SCHEMA.VIEWS'],
  ])('refuses %s', async (text, why) => {
    expect((await codeOf(warehouse.read(sql.raw(text)))).message).toContain(`The double refuses ${why}`)
  })

  it('refuses a MERGE whose source matches a row twice', async () => {
    const merge = sql`MERGE INTO events AS t USING (SELECT 'a' AS k, 1 AS us UNION ALL SELECT 'a', 1) AS s ON t.k = s.k
      AND t.us = s.us WHEN MATCHED THEN UPDATE SET x = 0`
    expect((await codeOf(warehouse.run(merge))).message).toContain('Duplicate row detected')
  })

  it('takes a bound text as it is', async () => {
    const texts = ["it's", 'a\\nb', 'a\nb', '?', "'; DROP TABLE events", '\0', 'a\0b\0\0', '', '12']
    const read = await warehouse.read(
      sql`SELECT ${sql.join(texts.map((text, at) => sql`${text} AS ${sql.id(`t${at}`)}`))}`,
    )
    expect(Object.values(rowsOf(read)[0] ?? {})).toEqual(texts)
    const found = sql`SELECT COUNT(*) AS n FROM events WHERE k = ${'a'} AND us > CAST(${2} AS NUMBER(19, 0)) AND x IS NULL`
    expect(rowsOf(await warehouse.read(found))).toEqual([{ n: 1 }])
  })
  it('plans a quotient of quotients as quickly as it is long', { timeout: 20_000 }, async () => {
    let quotient = sql`CAST(SUM(us) AS DOUBLE)`
    for (let level = 0; level < 11; level++) quotient = sql`((${quotient}) / CAST(2 AS DOUBLE))`
    const mean = sql`SELECT k, ${quotient} AS q FROM events GROUP BY k HAVING MOD(SUM(us), 4) = 2 ORDER BY k`
    expect(rowsOf(await warehouse.read(mean))).toEqual([
      { k: 'a', q: 6 / 2048 },
      { k: 'b', q: 6 / 2048 },
    ])
  })
  it('runs what the leaves print', async () => {
    const { leaves } = warehouse
    const read = async (query: ReturnType<typeof sql>) => rowsOf(await warehouse.read(query))
    expect(
      await read(
        sql`SELECT k, ${leaves.newest(sql`x`, [sql`us`], 'double')} AS n, ${leaves.oldest(sql`x`, [sql`us`], 'double')} AS o
          FROM events GROUP BY k ORDER BY k`,
      ),
    ).toEqual([
      { k: 'a', n: 1, o: 1 },
      { k: 'b', n: 8, o: 7 },
    ])
    const over = sql`PARTITION BY k ORDER BY us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`
    expect(await read(sql`SELECT ${leaves.lastPresent(sql`x`, over)} AS v FROM events ORDER BY k, us`)).toEqual(
      [1, 1, 1, 7, 8].map((v) => ({ v })),
    )
    const spine = sql`(SELECT 'a' AS k, 2 AS us UNION ALL SELECT 'c', 9) AS l`
    const match = { left: sql`l.us`, operator: '>=', right: sql`r.us` } as const
    expect(
      await read(
        sql`SELECT l.k AS k, r.us AS us
          FROM ${leaves.asofJoin({ left: spine, right: sql`events AS r`, on: [[sql`l.k`, sql`r.k`]], match })} ORDER BY k`,
      ),
    ).toEqual([
      { k: 'a', us: 2 },
      { k: 'c', us: null },
    ])
    await warehouse.run(
      leaves.createTableAs('kept', sql`SELECT k, us FROM events`, {
        columns: [
          { name: 'k', type: 'text' },
          { name: 'us', type: 'bigint', nullable: false },
        ],
        clusterBy: [sql`k`],
      }),
    )
    expect(await warehouse.introspect('kept')).toMatchObject([
      { name: 'k', type: 'text' },
      { name: 'us', type: 'bigint' },
    ])
    const hash = BigInt(`0x${createHash('md5').update('1:x').digest('hex').slice(0, 15)}`)
    expect(
      await read(
        sql`SELECT ${leaves.stableHash(sql`'x'`)} AS h, ${leaves.matches(sql`'a1'`, '^a\\d$')} AS m,
          ${leaves.floorDivide(sql`-7`, 2)} AS q`,
      ),
    ).toEqual([{ h: hash, m: true, q: -4 }])
  })
})
