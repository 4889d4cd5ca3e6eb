import { join } from 'node:path'
import { dropTable, loadFile, sql, type Warehouse } from '@martlet/warehouse'
import { deployEnergyMart, emptyEnergyMart } from './deploy.ts'
import { readRow } from './read-row.ts'
import { fillCalendar, flatCost, type RealDataOptions } from './real-data.ts'

/** What became of every row that was read. */
export interface SwissCounts {
  readonly readingsRead: number
  readonly readingsLoaded: number
  readonly negativeReadings: number
  readonly householdsRead: number
  readonly householdsLoaded: number
  readonly householdsWithoutReadings: number
  /** Households whose readings are all zero. */
  readonly silentHouseholds: number
  /** Readings whose household is not in the household file; they are loaded too. */
  readonly readingsWithoutHousehold: number
  readonly days: number
}

const ZONE = 'Europe/Zurich'
const INTERVAL_MICROS = 15 * 60_000_000

/**
 * Loads the Swiss smart meter readings (`households.parquet`, `readings_15min.parquet`) into the energy mart and replaces its rows.
 *
 * Times are local and mark the start of an interval: converted to UTC once, here. The type of building becomes `customer_type`,
 * null where the survey does not know it. A reading is known from the end of its quarter of an hour.
 */
export async function loadSwissMart(
  warehouse: Warehouse,
  { folder, pricePerKwh = 0.21 }: RealDataOptions,
): Promise<SwissCounts> {
  await deployEnergyMart(warehouse)
  try {
    return await loadStaged(warehouse, folder, pricePerKwh)
  } finally {
    for (const table of ['staging.swiss_households', 'staging.swiss_readings']) await dropTable(warehouse, table)
  }
}

async function loadStaged(warehouse: Warehouse, folder: string, pricePerKwh: number): Promise<SwissCounts> {
  const { rows: householdsRead } = await loadFile(warehouse, {
    table: 'staging.swiss_households',
    path: join(folder, 'households.parquet'),
    mode: 'replace',
  })
  const { rows: readingsRead } = await loadFile(warehouse, {
    table: 'staging.swiss_readings',
    path: join(folder, 'readings_15min.parquet'),
    mode: 'replace',
  })
  return warehouse.transaction(async (mart) => {
    await emptyEnergyMart(mart)
    const text = mart.leaves.columnType('text')
    const bigint = mart.leaves.columnType('bigint')
    const start = mart.leaves.toUtc(sql.ref('ts'), ZONE)
    const readingsLoaded = await mart.run(sql`
      insert into mart.fact_energy_usage (customer_id, ts, consumption_kwh, cost, arrived_at)
      select cast(vid as ${text}), ${start}, kwh, ${flatCost(mart, sql.ref('kwh'), pricePerKwh)},
        ${mart.leaves.addMicros(start, INTERVAL_MICROS)}
      from staging.swiss_readings
      order by 1, 2`)
    const householdsLoaded = await mart.run(sql`
      insert into mart.dim_customer (customer_id, customer_type, tariff, heating_type, valid_from, valid_to)
      select cast(vid as ${text}), household_type, 'flat', heating_type, (select min(ts) from mart.fact_energy_usage), null
      from staging.swiss_households
      order by 1`)
    const counts = await readRow<{
      negative: number
      without_readings: number
      silent: number
      without_household: number
    }>(
      mart,
      sql`
      with per_customer as (
        select customer_id, count(*) as readings, sum(case when consumption_kwh < 0 then 1 else 0 end) as negative,
          max(abs(consumption_kwh)) as largest
        from mart.fact_energy_usage group by customer_id
      )
      select
        cast(coalesce(sum(u.negative), 0) as ${bigint}) as negative,
        count(case when u.customer_id is null then 1 end) as without_readings,
        count(case when u.largest = 0 then 1 end) as silent,
        cast(coalesce(sum(case when c.customer_id is null then u.readings end), 0) as ${bigint}) as without_household
      from per_customer u full join mart.dim_customer c on c.customer_id = u.customer_id`,
    )
    const days = await fillCalendar(mart, 'zurich')
    return {
      readingsRead,
      readingsLoaded,
      householdsRead,
      householdsLoaded,
      days,
      negativeReadings: counts.negative,
      householdsWithoutReadings: counts.without_readings,
      silentHouseholds: counts.silent,
      readingsWithoutHousehold: counts.without_household,
    }
  })
}
