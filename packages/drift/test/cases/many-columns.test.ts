import { openDuckDb, type Warehouse } from '@martlet/warehouse'
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
