import { sql } from 'kysely'
import { columnBatch, ensureTable } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { toMicros } from '../../src/catalog/instant.ts'
import { newestRowOf } from '../../src/catalog/newest-row.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { changedUsage, createMart, customer, customerUsage, usage } from './energy.ts'
import { inPlace } from './in-place.ts'

const now = '2024-01-20T06:00Z'

const customers = dimension('mart.customers', {
  columns: { customer_id: z.string(), valid_from: z.date(), valid_to: z.date().nullable() },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
const members = featureView('members', {
  of: customer,
  from: usage,
  population: customers,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
})

test('the newest row is one that the table has, also after a range was computed again and lost its rows', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const { timestamp } = warehouse.leaves
    await createMart(warehouse)
    await ensureTable(warehouse, {
      table: 'mart.customers',
      columns: [
        { name: 'customer_id', type: 'text' },
        { name: 'valid_from', type: 'timestamp' },
        { name: 'valid_to', type: 'timestamp' },
      ],
    })
    await warehouse.append(
      'mart.customers',
      columnBatch({
        customer_id: { type: 'text', values: ['c1'] },
        valid_from: { type: 'timestamp', values: [new Date('2023-01-01')] },
        valid_to: { type: 'timestamp', values: [null] },
      }),
    )
    const run = { warehouse, catalog, views: [members], quality: false as const, now }
    expect(await materialize(run)).toMatchObject([
      { newest: toMicros('2024-01-20'), watermark: toMicros('2024-01-21') },
    ])
    await warehouse.run(sql`UPDATE mart.customers SET valid_to = ${timestamp(toMicros('2024-01-12'))}`)
    expect(await materialize({ ...run, from: '2024-01-10' })).toMatchObject([
      { rows: 2, newest: toMicros('2024-01-11'), watermark: toMicros('2024-01-21') },
    ])
    expect(await materialize(run)).toMatchObject([{ action: 'nothing', newest: toMicros('2024-01-11') }])
    expect(await newestRowOf(catalog.db, members.plan, toMicros('2024-01-21'))).toBe(toMicros('2024-01-11'))
    await warehouse.run(sql`UPDATE mart.customers SET valid_to = valid_from`)
    expect(await materialize({ ...run, from: '2024-01-02' })).toMatchObject([
      { rows: 0, newest: null, watermark: toMicros('2024-01-21') },
    ])
  }))

test('a rebuild notes the newest row of the table that it puts in place', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    await materialize({ warehouse, catalog, views: [customerUsage], quality: false, now })
    const [rebuilt] = await materialize({
      warehouse,
      catalog,
      views: [changedUsage],
      quality: false,
      now: '2024-01-22T06:00Z',
    })
    expect(rebuilt).toMatchObject({ action: 'rebuild', newest: toMicros('2024-01-22') })
  }))

test('of a table that an earlier version has written, it is the last feature time before the watermark', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    await materialize({ warehouse, catalog, views: [customerUsage], quality: false, now })
    await catalog.db.deleteFrom('newest_rows').execute()
    expect(await newestRowOf(catalog.db, customerUsage.plan, toMicros('2024-01-21'))).toBe(toMicros('2024-01-20'))
    expect(await newestRowOf(catalog.db, customerUsage.plan, null)).toBeNull()
  }))
