import { rowsOf } from '@martlet/warehouse'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { total } from '../../src/kpi/total.ts'
import { generateMart } from '../../src/mart/generator.ts'
import { loadSwissMart } from '../../src/mart/swiss.ts'
import { openTestWarehouse, testEngine } from '../../../../packages/warehouse/test/support/engine.ts'
import { parquetFolder } from './parquet-folder.ts'
import { sharedData } from './shared-data.ts'

// A million rows take minutes over HTTP.
const recorded = testEngine === 'duckdb' ? sharedData('swiss_smart_meters') : undefined

test('local quarter hours become UTC, and every household and reading is accounted for, once', async () => {
  await using files = await parquetFolder({
    'households.parquet': `
      select * from (values
        (1, 'single family house', 'heat pump', null, null), (2, null, null, null, null),
        (3, 'multi-family house', null, null, null))
      t(vid, household_type, heating_type, "survey_WP_type", "survey_WP_age")`,
    'readings_15min.parquet': `
      select vid::integer as vid, ts::timestamp as ts, kwh::double as kwh from (values
        (1, '2018-10-29 00:00:00', 0.5), (1, '2018-10-29 00:15:00', -0.25),
        (2, '2018-07-01 00:00:00', 0), (9, '2018-10-29 00:00:00', 1.0)) t(vid, ts, kwh)`,
  })
  await using warehouse = await openTestWarehouse()
  const counts = await loadSwissMart(warehouse, { folder: files.path, pricePerKwh: 0.2 })
  expect(counts).toEqual({
    readingsRead: 4,
    readingsLoaded: 4,
    negativeReadings: 1,
    householdsRead: 3,
    householdsLoaded: 3,
    householdsWithoutReadings: 1,
    silentHouseholds: 1,
    readingsWithoutHousehold: 1,
    days: 121,
  })
  expect(await loadSwissMart(warehouse, { folder: files.path, pricePerKwh: 0.2 })).toEqual(counts)
  expect(rowsOf(await warehouse.read(sql`select * from mart.fact_energy_usage order by customer_id, ts`))).toEqual([
    {
      customer_id: '1',
      ts: new Date('2018-10-28T23:00Z'),
      consumption_kwh: 0.5,
      cost: 0.1,
      arrived_at: new Date('2018-10-28T23:15Z'),
    },
    {
      customer_id: '1',
      ts: new Date('2018-10-28T23:15Z'),
      consumption_kwh: -0.25,
      cost: -0.05,
      arrived_at: new Date('2018-10-28T23:30Z'),
    },
    {
      customer_id: '2',
      ts: new Date('2018-06-30T22:00Z'),
      consumption_kwh: 0,
      cost: 0,
      arrived_at: new Date('2018-06-30T22:15Z'),
    },
    {
      customer_id: '9',
      ts: new Date('2018-10-28T23:00Z'),
      consumption_kwh: 1,
      cost: 0.2,
      arrived_at: new Date('2018-10-28T23:15Z'),
    },
  ])
  expect(
    rowsOf(
      await warehouse.read(
        sql`
          select customer_id, customer_type, heating_type, valid_from, valid_to
          from mart.dim_customer
          where customer_id <> '3'
          order by 1
        `,
      ),
    ),
  ).toEqual([
    {
      customer_id: '1',
      customer_type: 'single family house',
      heating_type: 'heat pump',
      valid_from: new Date('2018-06-30T22:00Z'),
      valid_to: null,
    },
    {
      customer_id: '2',
      customer_type: null,
      heating_type: null,
      valid_from: new Date('2018-06-30T22:00Z'),
      valid_to: null,
    },
  ])
})

test('a missing file is named, and the mart keeps its rows', async () => {
  await using files = await parquetFolder({ 'households.parquet': 'select 1 as vid' })
  await using warehouse = await openTestWarehouse()
  const { readings } = await generateMart(warehouse, { seed: 1, customers: 2, days: 2 })
  await expect(loadSwissMart(warehouse, { folder: files.path })).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: expect.stringContaining('readings_15min.parquet'),
  })
  expect((await total(warehouse)).readings).toBe(readings)
  expect(await warehouse.introspect('staging.swiss_households')).toBeUndefined()
})

test.skipIf(recorded === undefined)('the recorded mart loads whole', async () => {
  await using warehouse = await openTestWarehouse()
  const counts = await loadSwissMart(warehouse, { folder: recorded ?? '' })
  // The figures that the data's own README states.
  expect(counts).toMatchObject({
    readingsRead: 2_526_048,
    readingsLoaded: 537 * 4704,
    negativeReadings: 15,
    householdsRead: 550,
    householdsLoaded: 550,
    householdsWithoutReadings: 13,
    silentHouseholds: 6,
    readingsWithoutHousehold: 0,
  })
  const [row] = rowsOf(
    await warehouse.read(
      sql`
        select count(*) as readings, count(distinct customer_id) as customers, min(ts) as first, max(ts) as last
        from mart.fact_energy_usage
      `,
    ),
  )
  expect(row).toEqual({
    readings: 2_526_048,
    customers: 537,
    first: new Date('2018-10-28T23:00Z'),
    last: new Date('2018-12-16T22:45Z'),
  })
})
