import { rowsOf } from '@martlet/warehouse'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { loadPjmMart } from '../../src/mart/pjm.ts'
import { openTestWarehouse, testEngine } from '../../../../packages/warehouse/test/support/engine.ts'
import { parquetFolder } from './parquet-folder.ts'
import { sharedData } from './shared-data.ts'

// A million rows take minutes over HTTP.
const recorded = testEngine === 'duckdb' ? sharedData('pjm_hourly_load') : undefined

const readings = (rows: readonly string[]): string =>
  `select zone, ts::timestamp as ts, mw::double as mw from (values ${rows.join(', ')}) t(zone, ts, mw)`

test('the hour that autumn repeats and the one that spring skips come out in order, one per hour', async () => {
  await using files = await parquetFolder({
    'zones.parquet': `select * from (values ('AEP', 'American Electric Power'), ('NI', 'Northern Illinois Hub')) t(zone, name)`,
    // Hours ending, on the Eastern clock. The file has the two 02:00 in any order.
    'load.parquet': readings([
      "('AEP', '2016-11-06 01:00', 30)",
      "('AEP', '2016-11-06 02:00', 10)",
      "('AEP', '2016-11-06 02:00', 20)",
      "('AEP', '2016-11-06 03:00', 9)",
      "('AEP', '2016-11-06 05:00', 8)",
      "('NI', '2016-03-13 02:00', 4)",
      "('NI', '2016-03-13 04:00', 3)",
    ]),
  })
  await using warehouse = await openTestWarehouse()
  expect(await loadPjmMart(warehouse, { folder: files.path, pricePerKwh: 0.05 })).toEqual({
    readingsRead: 7,
    readingsLoaded: 7,
    zonesRead: 2,
    zonesLoaded: 2,
    repeatedHours: 1,
    sameInstant: 0,
    missingHours: 1,
    zonesEnded: 1,
    days: 239,
  })
  expect(
    rowsOf(
      await warehouse.read(
        sql`select customer_id, ts, consumption_kwh, cost, arrived_at from mart.fact_energy_usage order by customer_id, ts`,
      ),
    ),
  ).toEqual(
    [
      ['AEP', '2016-11-06T04:00Z', 30],
      ['AEP', '2016-11-06T05:00Z', 20],
      ['AEP', '2016-11-06T06:00Z', 10],
      ['AEP', '2016-11-06T07:00Z', 9],
      ['AEP', '2016-11-06T09:00Z', 8],
      ['NI', '2016-03-13T06:00Z', 4],
      ['NI', '2016-03-13T07:00Z', 3],
    ].map(([zone, start, mw]) => {
      const ts = new Date(String(start))
      return {
        customer_id: zone,
        ts,
        consumption_kwh: Number(mw) * 1000,
        cost: Number(mw) * 50,
        arrived_at: new Date(ts.getTime() + 3_600_000),
      }
    }),
  )
  expect(
    rowsOf(await warehouse.read(sql`select customer_id, valid_from, valid_to from mart.dim_customer order by 1`)),
  ).toEqual([
    { customer_id: 'AEP', valid_from: new Date('2016-11-06T04:00Z'), valid_to: null },
    { customer_id: 'NI', valid_from: new Date('2016-03-13T06:00Z'), valid_to: new Date('2016-03-13T08:00Z') },
  ])
})

test.skipIf(recorded === undefined)(
  'the recorded mart loads whole: nothing lost, no two readings of a zone at one instant',
  async () => {
    await using warehouse = await openTestWarehouse()
    const counts = await loadPjmMart(warehouse, { folder: recorded ?? '' })
    expect(counts).toMatchObject({
      readingsRead: 1_090_167,
      readingsLoaded: 1_090_167,
      zonesRead: 12,
      zonesLoaded: 12,
      repeatedHours: 40,
      sameInstant: 0,
      zonesEnded: 2,
    })
    // A day of autumn 2016 has 25 hours, one of spring 23, on the clock of the zone.
    const { toLocal } = warehouse.leaves
    const hours = rowsOf(
      await warehouse.read(sql`
      select cast(cast(${toLocal(sql.ref('ts'), 'America/New_York')} as date) as varchar) as day, count(*) as hours
      from mart.fact_energy_usage
      where customer_id = 'AEP' and ts >= '2016-01-01' and ts < '2017-01-01' group by 1 having count(*) <> 24 order by 1`),
    )
    expect(hours).toEqual(
      expect.arrayContaining([
        { day: '2016-03-13', hours: 23 },
        { day: '2016-11-06', hours: 25 },
      ]),
    )
    // NI became part of COMED: the one ends at the instant at which the other begins.
    const [handover] = rowsOf<{ ends: Date; begins: Date }>(
      await warehouse.read(sql`
      select (select valid_to from mart.dim_customer where customer_id = 'NI') as ends,
        (select valid_from from mart.dim_customer where customer_id = 'COMED') as begins`),
    )
    expect(handover?.ends).toEqual(handover?.begins)
  },
)
