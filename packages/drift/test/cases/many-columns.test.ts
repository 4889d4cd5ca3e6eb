import { openDuckDb, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { profileReference } from '../../src/index.ts'
import { normal } from '../random.ts'
import { columnsOf, double, now, tableOf, text } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(async () => {
  await warehouse.close()
})

it('correlations of more columns than have sums of their own are those of sampled deciles', async () => {
  const [rows, columns, group] = [1200, 130, 5]
  const draw = normal(1)
  const common = Array.from({ length: columns / group }, () => Array.from({ length: rows }, draw))
  const numbers = Array.from({ length: columns }, (_, at) => {
    const own = common[Math.floor(at / group)] ?? []
    const sign = at % group === 1 ? -1 : 1
    return double(own.map((value, row) => (row % 50 === at % 50 ? null : sign * value + 0.5 * draw())))
  })
  const table = {
    ...Object.fromEntries(numbers.map((values, at) => [`c${at}`, values])),
    kind: text((common[0] ?? []).map((value) => (value > 0 ? 'high' : 'low'))),
  }
  const profile = await profileReference(warehouse, {
    name: 'many',
    relation: await tableOf(warehouse, table),
    columns: columnsOf(table),
    now,
  })
  const { columns: names = [], pairs = [] } = profile.correlation ?? {}
  expect(names.length).toBe(columns + 1)
  const numeric = pairs.filter(([, j]) => j < columns)
  // All pairs of a group, and no other: 0.8 by the normal law, a little less by deciles and with nulls in the middle.
  expect(numeric.length).toBe((columns / group) * ((group * (group - 1)) / 2))
  for (const [i, j, r] of numeric) {
    expect(Math.floor(i / group)).toBe(Math.floor(j / group))
    expect(Math.abs(r)).toBeGreaterThan(0.7)
    expect(Math.abs(r)).toBeLessThan(0.82)
    expect(r < 0).toBe((i % group === 1) !== (j % group === 1))
  }
  expect(pairs.filter(([, j]) => j === columns).map(([i]) => i)).toEqual([0, 1, 2, 3, 4])
})

/** Rows by number with columns of `values`, in an order that differs by `seed`. */
async function rowsInOrder(name: string, rows: number, values: readonly string[], seed: number): Promise<string> {
  const columns = values.map((value, at) => sql`${sql.raw(value)} AS ${sql.id(`c${at}`)}`)
  await warehouse.run(sql`
    CREATE TABLE ${tableRef(name)} AS
    SELECT ${sql.join(columns)} FROM range(${rows}) AS numbers(i) ORDER BY hash(i + ${seed})
  `)
  return name
}

async function correlationOf(relation: string, columns: number) {
  const profile = await profileReference(warehouse, {
    name: relation,
    relation,
    columns: Array.from({ length: columns }, (_, at) => ({ name: `c${at}`, type: 'double' as const })),
    now,
  })
  return profile.correlation ?? expect.fail('no rows were sampled')
}

it('sampled rows are the same ones in any order of the rows', async () => {
  const values = Array.from({ length: 130 }, (_, at) => `CAST(hash(i * 131 + ${at % 125}) % 1000 AS DOUBLE) + i % 2`)
  const [one, other] = [await rowsInOrder('ordered', 13_000, values, 1), await rowsInOrder('other', 13_000, values, 2)]
  const found = await correlationOf(one, values.length)
  expect(await correlationOf(other, values.length)).toEqual(found)
  expect(found.pairs.map(([i, j, r]) => [i, j, r])).toEqual([0, 1, 2, 3, 4].map((at) => [at, at + 125, 1]))
})

it('rows are sampled by all columns where those with most values do not tell them apart', async () => {
  // The first twenty columns are the same two values, so that a hash of them picks all rows, none, or those of one value.
  const values = Array.from({ length: 130 }, (_, at) => `CAST(hash(i * 131 + ${Math.max(20, at)}) % 2 AS DOUBLE)`)
  const { pairs } = await correlationOf(await rowsInOrder('alike', 13_000, values, 1), values.length)
  expect(pairs).toHaveLength((21 * 20) / 2)
  for (const [i, j, r] of pairs) expect([i <= 20, j <= 20, r]).toEqual([true, true, 1])
})
