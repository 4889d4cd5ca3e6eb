import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { rowsOf, tableRef, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { featureView } from '../../src/define/feature-view.ts'
import {
  dropOtherMoments,
  refreshMoments,
  sharedMoments,
  type NoteChanges,
} from '../../src/materialize/refresh-moments.ts'
import type { TileChanges } from '../../src/materialize/verify-tiles.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { momentColumn, tileColumn, tileColumns, type MomentTable } from '../../src/compile/tiles/moment-table.ts'
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
const january = (date: number) => toMicros('2024-01-01') + BigInt(date - 1) * day

function tableOf(...plans: Parameters<typeof sharedMoments>[0]): MomentTable {
  return [...sharedMoments(plans).values()][0] ?? expect.fail('no moments')
}

/** All columns of the tiles; units have more digits than a read from Snowflake takes, and are eighths of values here. */
async function tiles(warehouse: Warehouse, table: MomentTable): Promise<readonly Record<string, unknown>[]> {
  const units = new Set(table.moments.filter(({ kind }) => kind === 'units').map(momentColumn))
  const columns = tileColumns(table).map((name) =>
    units.has(name) ? sql`${warehouse.leaves.toDouble(sql.id(name))} AS ${sql.id(name)}` : sql.id(name),
  )
  return rowsOf(
    await warehouse.read(
      sql`SELECT ${sql.join(columns)} FROM ${tableRef(table.table)} ORDER BY customer_id, ${sql.id(tileColumn(table.entity))}`,
    ),
  )
}

async function ledger(warehouse: Warehouse): Promise<readonly Record<string, unknown>[]> {
  return rowsOf(
    await warehouse.read(sql`SELECT table_name, covered_to FROM ${tableRef(LEDGER)} ORDER BY table_name, covered_to`),
  )
}

/** Compares tiles with facts, and collects the numbers of the changed ones. */
function comparing(): NoteChanges & { readonly found: bigint[] } {
  const found: bigint[] = []
  return Object.assign(
    async (_: Warehouse, { tiles: changed }: TileChanges) => {
      found.push(...changed.map(({ tile }) => tile))
    },
    { found },
  )
}

test('tiles reach as far as they ever did, whoever asks for fewer, and change only where facts have, when they are compared', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    await refreshMoments(warehouse, first, january(21))
    const before = await tiles(warehouse, first)
    const notes = comparing()
    await refreshMoments(warehouse, first, january(6), notes)
    expect([await tiles(warehouse, first), notes.found]).toEqual([before, []])
    await addLateFacts(warehouse, '2024-01-03T12:00Z')
    await addLateFacts(warehouse, '2024-01-15T00:00Z')
    await refreshMoments(warehouse, first, january(6))
    expect(await tiles(warehouse, first)).toEqual(before)
    await refreshMoments(warehouse, first, january(6), notes)
    expect(await ledger(warehouse)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-21') }])
    const after = await tiles(warehouse, first)
    const changed = after.flatMap((row, index) =>
      isDeepStrictEqual(row, before[index]) ? [] : [BigInt(Number(row['tile']))],
    )
    // A tile has the number of the day that ends it; midnight of January 15 begins the one that ends on the 16th.
    expect(notes.found).toEqual([january(4) / day, january(16) / day])
    expect([after.length, [...new Set(changed)].toSorted()]).toEqual([before.length, notes.found])
  }))

test('the number of events tells changes even when the engine has another hash than the one that the checksums are of', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    await refreshMoments(warehouse, first, january(21))
    await addLateFacts(warehouse, '2024-01-03T12:00Z')
    await warehouse.run(sql`UPDATE features_internal.tile_checks SET hashed_as = 'of another engine'`)
    await warehouse.run(sql`UPDATE ${tableRef(first.table)} SET checksum = checksum + 1`)
    const notes = comparing()
    await refreshMoments(warehouse, first, january(11), notes)
    expect(notes.found).toEqual([january(4) / day])
    expect(await ledger(warehouse)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-21') }])
    await refreshMoments(warehouse, first, january(11), notes)
    expect(notes.found).toEqual([january(4) / day])
  }))

test('tables with other moments are compared before they are replaced', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    await refreshMoments(warehouse, first, january(21))
    await addLateFacts(warehouse, '2024-01-15T12:00Z')
    const both = tableOf(customerUsage.plan, newest.plan)
    const notes = comparing()
    await refreshMoments(warehouse, both, january(11), notes)
    expect(notes.found).toEqual([january(16) / day])
    // The new tiles reach as far as the old ones, so that nothing between is forgotten.
    expect(await ledger(warehouse)).toContainEqual({ table_name: both.table, covered_to: new Date('2024-01-21') })
  }))

test('a second row in the ledger, as two processes that begin at once may leave it, costs one computation and nothing else', () =>
  inPlace(async ({ warehouse }) => {
    await createMart(warehouse)
    await refreshMoments(warehouse, first, january(11))
    const expected = await tiles(warehouse, first)
    await warehouse.run(
      sql`
        INSERT INTO ${tableRef(LEDGER)} (table_name, fact, covered_to) SELECT table_name, fact,
          ${warehouse.leaves.timestamp(toMicros('0001-01-01'))}
        FROM ${tableRef(LEDGER)}
      `,
    )
    await refreshMoments(warehouse, first, january(11))
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
    for (const table of [first, other]) await refreshMoments(warehouse, table, january(11))
    const expected = await tiles(warehouse, first)
    // Of a version that stored no checksums.
    await warehouse.run(sql`CREATE TABLE features_internal.moments_before AS SELECT 1 AS tile`)
    await warehouse.run(
      sql`
        INSERT INTO ${tableRef(LEDGER)} (table_name, fact, covered_to) SELECT 'features_internal.moments_before', fact,
          MAX(covered_to)
        FROM ${tableRef(LEDGER)}
        GROUP BY fact
      `,
    )
    await dropOtherMoments(warehouse, [first])
    expect(await warehouse.introspect(other.table)).toBeUndefined()
    expect(await warehouse.introspect('features_internal.moments_before')).toBeUndefined()
    expect(await ledger(warehouse)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-11') }])
    await warehouse.run(sql`DELETE FROM ${tableRef(LEDGER)}`)
    await refreshMoments(warehouse, first, january(11))
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
    await refreshMoments(reader, first, january(21))
    const before = await tiles(reader, first)
    await addLateFacts(reader, '2024-01-18T12:00Z')
    for (const place of [
      { at: 'after', like: /^DELETE FROM "FEATURES_INTERNAL"/, times: 1 },
      { at: 'after', like: /^INSERT INTO "FEATURES_INTERNAL"/, times: 1 },
      { at: 'before', like: /^COMMIT/, times: 1 },
    ] satisfies Break[]) {
      const broken = await site.open()
      const isBroken = breakConnection(double, place)
      await expect(refreshMoments(broken, first, january(25), async () => {})).rejects.toMatchObject({
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
    await refreshMoments(again, first, january(25), async () => {})
    expect(await ledger(again)).toEqual([{ table_name: first.table, covered_to: new Date('2024-01-25') }])
    expect(await tiles(again, first)).not.toEqual(before)
  },
)
