import { join } from 'node:path'
import { loadFile, sql, type Warehouse } from '@martlet/warehouse'
import { deployEnergyMart, emptyEnergyMart } from './deploy.ts'
import { readRow } from './read-row.ts'
import { fillCalendar, flatCost, type RealDataOptions } from './real-data.ts'

/** What became of every row that was read. */
export interface PjmCounts {
  readonly readingsRead: number
  readonly readingsLoaded: number
  readonly zonesRead: number
  readonly zonesLoaded: number
  /** Rows whose zone and local time another row has, too: the hour that autumn repeats. */
  readonly repeatedHours: number
  /** Rows of one zone that still share their instant after the conversion to UTC. */
  readonly sameInstant: number
  /** Hours between a zone's first and last reading that have none; kept as holes. */
  readonly missingHours: number
  /** Zones whose history ends before the newest reading. */
  readonly zonesEnded: number
  readonly days: number
}

const ZONE = 'America/New_York'
const HOUR_MICROS = 3_600_000_000

/**
 * Loads the hourly load of the PJM zones (`load.parquet`, `zones.parquet`) into the energy mart, replacing what it holds. A zone is a customer.
 *
 * The file stamps the end of an hour with the local clock; the mart keeps the start in UTC, and a mean load of 1 MW for an hour is 1000 kWh.
 * In the autumn night one local hour occurs twice. Of two rows with that hour the higher load is taken as the first, as load falls
 * at that time of night: the file does not say which is which. Holes stay holes. The rows as they came stay in `staging.pjm_load`.
 */
export async function loadPjmMart(
  warehouse: Warehouse,
  { folder, pricePerKwh = 0.04 }: RealDataOptions,
): Promise<PjmCounts> {
  await deployEnergyMart(warehouse)
  const { rows: zonesRead } = await loadFile(warehouse, {
    table: 'staging.pjm_zones',
    path: join(folder, 'zones.parquet'),
    mode: 'replace',
  })
  const { rows: readingsRead } = await loadFile(warehouse, {
    table: 'staging.pjm_load',
    path: join(folder, 'load.parquet'),
    mode: 'replace',
  })
  return warehouse.transaction(async (mart) => {
    await emptyEnergyMart(mart)
    const { addMicros, columnType, epochMicros, toUtc } = mart.leaves
    const start = toUtc(addMicros(sql.ref('ts'), -HOUR_MICROS), ZONE)
    const kwh = sql`mw * 1000`
    // toUtc reads an hour that happens twice as its second occurrence, so all rows but the last of such a group lie earlier.
    const earlier = sql`row_number() over (partition by zone, ts order by mw) - 1`
    const readingsLoaded = await mart.run(sql`
      insert into mart.fact_energy_usage (customer_id, ts, consumption_kwh, cost, arrived_at)
      select zone, hour_start, kwh, ${flatCost(mart, sql.ref('kwh'), pricePerKwh)}, ${addMicros(sql.ref('hour_start'), HOUR_MICROS)}
      from (
        select zone, ${kwh} as kwh, ${addMicros(start, sql`-${sql.lit(HOUR_MICROS)} * (${earlier})`)} as hour_start
        from staging.pjm_load
      ) as hours
      order by 1, 2`)
    const zonesLoaded = await mart.run(sql`
      insert into mart.dim_customer (customer_id, customer_type, tariff, heating_type, valid_from, valid_to)
      select z.zone, 'grid zone', 'flat', null, ${sql.ref('u.first_hour')},
        case when ${sql.ref('u.last_hour')} < (select max(ts) from mart.fact_energy_usage) then ${addMicros(sql.ref('u.last_hour'), HOUR_MICROS)} end
      from staging.pjm_zones z
      join (select customer_id, min(ts) as first_hour, max(ts) as last_hour from mart.fact_energy_usage group by customer_id) u on u.customer_id = z.zone
      order by 1`)
    const counts = await readRow<{
      repeated_hours: number
      same_instant: number
      missing_hours: number
      zones_ended: number
    }>(
      mart,
      sql`
      select
        (select count(*) from staging.pjm_load) - (select count(*) from (select distinct zone, ts from staging.pjm_load) d) as repeated_hours,
        cast(sum(readings - instants) as ${columnType('bigint')}) as same_instant,
        cast(sum(hours - instants) as ${columnType('bigint')}) as missing_hours,
        (select count(*) from mart.dim_customer where valid_to is not null) as zones_ended
      from (
        select customer_id, count(*) as readings, count(distinct ts) as instants,
          cast((${epochMicros(sql`max(ts)`)} - ${epochMicros(sql`min(ts)`)}) / ${sql.lit(HOUR_MICROS)} as ${columnType('bigint')}) + 1 as hours
        from mart.fact_energy_usage group by customer_id
      ) as zones`,
    )
    const days = await fillCalendar(mart)
    return {
      readingsRead,
      readingsLoaded,
      zonesRead,
      zonesLoaded,
      days,
      repeatedHours: counts.repeated_hours,
      sameInstant: counts.same_instant,
      missingHours: counts.missing_hours,
      zonesEnded: counts.zones_ended,
    }
  })
}
