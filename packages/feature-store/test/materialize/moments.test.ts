import { join } from 'node:path'
import { sql } from 'kysely'
import { rowsOf, tableRef, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { dropOtherMoments, refreshMoments, sharedMoments } from '../../src/materialize/refresh-moments.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import type { MomentTable } from '../../src/compile/tiles/moment-table.ts'
import { addLateFacts, createMart, customer, customerUsage, customers, tableRows, usage } from './energy.ts'
import { inPlace } from './in-place.ts'
import { breakConnection, heal, type Break } from './break-connection.ts'
import { openSite } from './site.ts'

const LEDGER = 'features_internal.moment_tables'
const day = 86_400_000_000n
const now = '2024-02-01T06:00Z'
const totals = featureView('customer_total', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  features: (f) => ({ kwh: f.sum('kwh').over('1d'), readings: f.count().lifetime() }),
})
const newest = featureView('customer_newest', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  features: (f) => ({ newest: f.last('kwh') }),
})
const first = tableOf(customerUsage.plan)
const january = (from: number, to: number) => ({
  from: toMicros('2024-01-01') + BigInt(from - 1) * day,
  to: toMicros('2024-01-01') + BigInt(to - 1) * day,
})

function tableOf(...plans: Parameters<typeof sharedMoments>[0]): MomentTable {
  return [...sharedMoments(plans).values()][0] ?? expect.fail('no moments')
}

async function tiles(warehouse: Warehouse, { table }: MomentTable): Promise<readonly Record<string, unknown>[]> {
  return rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY customer_id, tile`))
}

async function ledger(warehouse: Warehouse): Promise<readonly Record<string, unknown>[]> {
  return rowsOf(
    await warehouse.read(sql`SELECT table_name, covered_to FROM ${tableRef(LEDGER)} ORDER BY table_name, covered_to`),
  )
}

test('tiles reach as far as they ever did, whoever asks for fewer, and late facts come in where they are looked for', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    await refreshMoments(warehouse, first, day, january(1, 21))
    const before = await tiles(warehouse, first)
    await addLateFacts(warehouse, '2024-01-03T12:00Z')
    await addLateFacts(warehouse, '2024-01-15T12:00Z')
    await refreshMoments(warehouse, first, null, january(2, 6))
    expect(await ledger(warehouse)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-21') }])
    const after = await tiles(warehouse, first)
    const changed = after.flatMap((row, index) =>
      JSON.stringify(row) === JSON.stringify(before[index]) ? [] : [Number(row['tile'])],
    )
    // A tile has the number of the day that ends it: only January 3 lies before what was asked for.
    expect([after.length, new Set(changed)]).toEqual([before.length, new Set([Number(toMicros('2024-01-04') / day)])])
  }))

test('a second row in the ledger, as two processes that begin at once may leave it, costs one computation and nothing else', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    await refreshMoments(warehouse, first, day, january(1, 11))
    const expected = await tiles(warehouse, first)
    await warehouse.run(
      sql`
        INSERT INTO ${tableRef(LEDGER)} (table_name, fact, covered_to) SELECT table_name, fact,
          ${warehouse.leaves.timestamp(toMicros('0001-01-01'))}
        FROM ${tableRef(LEDGER)}
      `,
    )
    await refreshMoments(warehouse, first, day, january(10, 11))
    expect(await tiles(warehouse, first)).toEqual(expected)
    const row = { table_name: first.table, covered_to: new Date('2024-01-11') }
    expect(await ledger(warehouse)).toEqual([row, row])
  }))

test('tiles of other moments have their own table; unwanted ones are dropped, and a table without its row is not trusted', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    const both = tableOf(customerUsage.plan, newest.plan)
    const other = tableOf(newest.plan)
    expect(new Set([first.table, both.table, other.table]).size).toBe(3)
    for (const table of [first, other]) await refreshMoments(warehouse, table, day, january(1, 11))
    const expected = await tiles(warehouse, first)
    await dropOtherMoments(warehouse, [first])
    expect(await warehouse.introspect(other.table)).toBeUndefined()
    expect(await ledger(warehouse)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-11') }])
    await warehouse.run(sql`DELETE FROM ${tableRef(LEDGER)}`)
    await refreshMoments(warehouse, first, day, january(10, 11))
    expect(await tiles(warehouse, first)).toEqual(expected)
  }))

test(
  'two views on the same facts, materialized at once by two clients, have the rows that each would have alone',
  { timeout: 60_000 },
  async () => {
    await using alone = await openSite()
    await using together = await openSite()
    const options = { views: [], quality: false, now, chunk: { instants: 8 } } as const
    const catalogs = (path: string) => openCatalog({ path: join(path, 'catalog.db') })
    await using one = await alone.open()
    await using other = await together.open()
    for (const warehouse of [one, other]) await createMart(warehouse)
    {
      await using catalog = await catalogs(alone.path)
      for (const view of [customerUsage, totals])
        await materialize({ ...options, warehouse: one, catalog, views: [view] })
    }
    await using catalog = await catalogs(together.path)
    await Promise.all([
      materialize({ ...options, warehouse: other, catalog, views: [customerUsage] }),
      materialize({ ...options, warehouse: other, catalog, views: [totals] }),
    ])
    for (const view of [customerUsage, totals]) expect(await tableRows(other, view)).toEqual(await tableRows(one, view))
    expect(await tableRows(other, totals)).toHaveLength(31 * customers)
  },
)

test.runIf(testEngine === 'snowflake-double')(
  'tiles that could not be brought up to date are those from before, all of them',
  async () => {
    await using site = await openSite()
    const { double } = site
    if (double === undefined) throw new Error('this test plays with the double')
    await using reader = await site.open()
    await createMart(reader)
    await refreshMoments(reader, first, day, january(1, 21))
    const before = await tiles(reader, first)
    await addLateFacts(reader, '2024-01-18T12:00Z')
    for (const place of [
      { at: 'after', like: /^DELETE FROM "FEATURES_INTERNAL"/, times: 1 },
      { at: 'after', like: /^INSERT INTO "FEATURES_INTERNAL"/, times: 1 },
      { at: 'before', like: /^COMMIT/, times: 1 },
    ] satisfies Break[]) {
      const broken = await site.open()
      const isBroken = breakConnection(double, place)
      await expect(refreshMoments(broken, first, day, january(15, 25))).rejects.toMatchObject({
        code: place.like.test('COMMIT') ? 'COMMIT_UNKNOWN' : 'SESSION_LOST',
      })
      heal(double)
      expect(isBroken()).toBe(true)
      await using again = await site.open()
      expect(await tiles(again, first)).toEqual(before)
      expect(await ledger(again)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-21') }])
      await broken.close()
    }
    await using again = await site.open()
    await refreshMoments(again, first, day, january(15, 25))
    expect(await ledger(again)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-25') }])
    expect(await tiles(again, first)).not.toEqual(before)
  },
)
