import { openDuckDb, rowsOf, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { calendarRows } from '../../src/mart/calendar.ts'
import { deployEnergyMart } from '../../src/mart/deploy.ts'
import { generateMart } from '../../src/mart/generator.ts'
import { priceOf, type Tariff } from '../../src/mart/tariff.ts'
import { usageRows } from './usage-rows.ts'

const options = {
  seed: 9,
  customers: 25,
  days: 200,
  faults: { gap: 0.02, late: 0.02, duplicate: 0.01, negative: 0.01 },
} as const

async function tables(warehouse: Warehouse): Promise<readonly unknown[]> {
  const all = ['fact_energy_usage', 'dim_customer', 'dim_time', 'dim_holiday'].map((table) =>
    warehouse.read(sql`select * from ${sql.id('mart', table)} order by all`),
  )
  return Promise.all(all)
}

test('the DDL is idempotent', async () => {
  await using warehouse = await openDuckDb()
  const statements = await deployEnergyMart(warehouse)
  expect(statements).toBe(5)
  await generateMart(warehouse, { seed: 1, customers: 2, days: 2 })
  const before = await tables(warehouse)
  expect(await deployEnergyMart(warehouse)).toBe(statements)
  expect(await tables(warehouse)).toEqual(before)
})

describe('a generated mart', async () => {
  const warehouse = await openDuckDb()
  afterAll(() => warehouse.close())
  const made = await generateMart(warehouse, options)
  const read = async (query: ReturnType<typeof sql>) => rowsOf(await warehouse.read(query))

  test('has every generated reading', async () => {
    expect(made.readings).toBe(usageRows(options).length)
    const stored = rowsOf<{ customer_id: string; ts: Date; consumption_kwh: number; cost: number; arrived_at: Date }>(
      await warehouse.read(sql`select * from mart.fact_energy_usage`),
    )
    const key = (row: object): string => JSON.stringify(row)
    const micro = stored.map((row) => ({
      id: row.customer_id,
      ts: row.ts.getTime(),
      wattHours: Math.round(row.consumption_kwh * 1000) + 0,
      costMicros: Math.round(row.cost * 1e6) + 0,
      arrived: row.arrived_at.getTime(),
    }))
    expect(micro.map(key).toSorted()).toEqual(usageRows(options).map(key).toSorted())
  })

  test('has exactly one customer row for each reading, and the reading costs what its tariff says', async () => {
    const joined = rowsOf<{ rows: number; tariff: Tariff; hour: number; kwh: number; cost: number }>(
      await warehouse.read(sql`
        select count(*) over (partition by u.rowid) as rows, c.tariff, cast(extract(hour from u.ts) as integer) as hour,
          u.consumption_kwh as kwh, u.cost
        from mart.fact_energy_usage u left join mart.dim_customer c
          on c.customer_id = u.customer_id and u.ts >= c.valid_from and (c.valid_to is null or u.ts < c.valid_to)`),
    )
    expect(joined).toHaveLength(made.readings)
    expect(joined.filter(({ rows }) => rows !== 1)).toEqual([])
    const wrong = joined.filter(
      ({ tariff, hour, kwh, cost }) =>
        Math.round(kwh * 1000) * Math.round(priceOf(tariff, hour) * 1000) !== Math.round(cost * 1e6),
    )
    expect(wrong).toEqual([])
  })

  test('has validity intervals without gaps, the last one open unless the customer left', async () => {
    const gaps = await read(sql`
      select * from (
        select valid_from, valid_to, lead(valid_from) over (partition by customer_id order by valid_from) as next
        from mart.dim_customer
      ) h
      where valid_to <= valid_from or (next is not null and valid_to is distinct from next)`)
    expect(gaps).toEqual([])
    expect(
      await read(
        sql`
          select count(*) filter (valid_to is null) > 0 as current, count(*) > count(distinct customer_id) as changed
          from mart.dim_customer
        `,
      ),
    ).toEqual([{ current: true, changed: true }])
    expect(made.customerRows).toBeGreaterThan(made.customers)
  })

  test('has a calendar that agrees with the engine’s own', async () => {
    expect(await read(sql`select count(*) as days, min(date) as first, max(date) as last from mart.dim_time`)).toEqual([
      { days: 200, first: new Date('2025-01-01'), last: new Date('2025-07-19') },
    ])
    expect(
      await read(sql`
      select * from mart.dim_time
      where year <> extract(year from date) or quarter <> extract(quarter from date)
        or month <> extract(month from date) or day <> extract(day from date)
        or week_year <> extract(isoyear from date) or week <> extract(week from date) or weekday <> extract(isodow from date)
        or is_weekend <> (extract(isodow from date) >= 6)`),
    ).toEqual([])
  })

  test('is the same after a second run, and after growing in two steps', async () => {
    const whole = await tables(warehouse)
    await generateMart(warehouse, options)
    expect(await tables(warehouse)).toEqual(whole)
    await generateMart(warehouse, { ...options, days: 150 })
    expect(await tables(warehouse)).not.toEqual(whole)
    await generateMart(warehouse, { ...options, fromDay: 150 })
    expect(await tables(warehouse)).toEqual(whole)
  })
})

test('a calendar of 400 years agrees with the engine’s own', async () => {
  await using warehouse = await openDuckDb()
  await deployEnergyMart(warehouse)
  await warehouse.append('mart.dim_time', calendarRows(-73_000, 73_100))
  const { rows } = await warehouse.read(sql`
    select date from mart.dim_time
    where year <> extract(year from date) or month <> extract(month from date) or day <> extract(day from date)
      or week_year <> extract(isoyear from date) or week <> extract(week from date) or weekday <> extract(isodow from date)`)
  expect(rows).toBe(0)
})

test('an empty mart is a mart', async () => {
  await using warehouse = await openDuckDb()
  expect(await generateMart(warehouse, { seed: 1, customers: 0, days: 0 })).toEqual({
    customers: 0,
    customerRows: 0,
    days: 0,
    readings: 0,
  })
})
