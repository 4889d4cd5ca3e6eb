import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDuckDb, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

it('newest and oldest put a null of the order first, in each place of it, and pass over values that are null', async () => {
  const { newest, oldest } = warehouse.leaves
  const rows = sql`(VALUES ('a', 'no time', NULL, 9), ('a', 'no sequence', 2, NULL), ('a', 'last', 2, 0), ('a', NULL, 3, 3),
    ('b', 'only', NULL, NULL)) AS t(g, v, us, sequence)`
  const order = [sql`us`, sql`sequence`]
  const ask = sql`SELECT g, ${newest(sql`v`, order, 'text')} AS newest, ${oldest(sql`v`, order, 'text')} AS oldest,
    ${oldest(sql`v`, [sql`sequence`, sql`us`], 'text')} AS least FROM ${rows} GROUP BY g ORDER BY g`
  expect(rowsOf(await warehouse.read(ask))).toEqual([
    { g: 'a', newest: 'last', oldest: 'no time', least: 'no sequence' },
    { g: 'b', newest: 'only', oldest: 'only', least: 'only' },
  ])
})
