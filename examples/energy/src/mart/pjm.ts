import { join } from 'node:path'
import { loadFile, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { deployEnergyMart, emptyEnergyMart } from './deploy.ts'
import { readRow } from './read-row.ts'
import { fillCalendar, flatCost, type RealDataOptions } from './real-data.ts'

/** What became of every row that was read. */
export interface PjmCounts {
  readonly readingsRead: number
  readonly readingsLoaded: number
  readonly zonesRead: number
  readonly zonesLoaded: number
  /** Rows with the zone and local time of another row: the hour that autumn repeats. */
  readonly repeatedHours: number
  /** Rows of one zone that still share their instant after the conversion to UTC. */
  readonly sameInstant: number
  /** Hours without a reading between a zone's first and last one; they stay gaps. */
  readonly missingHours: number
  /** Zones whose history ends before the newest reading. */
  readonly zonesEnded: number
  readonly days: number
}

const ZONE = 'America/New_York'
const HOUR_MICROS = 3_600_000_000

/**
 * Loads the hourly load of the PJM zones (`load.parquet`, `zones.parquet`) into the energy mart and replaces its rows. A zone is a
 * customer.
 *
 * The file has the local time of the end of an hour; the mart keeps the start in UTC, and a mean load of 1 MW for an hour is 1000 kWh.
 * In the autumn night one local hour occurs twice, and the file does not distinguish them: of two rows with that hour the higher load
 * is taken as the first, because load falls at that time of night. Gaps stay gaps. The raw rows stay in `staging.pjm_load`.
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
    const { addMicros, toUtc } = mart.leaves
    const start = toUtc(addMicros(sql.ref('ts'), -HOUR_MICROS), ZONE)
    const kwh = sql`mw * 1000`
    // toUtc reads an hour that occurs twice as its second occurrence, so all rows but the last of such a group are earlier.
    const earlier = sql`row_number() over (partition by zone, ts order by mw) - 1`
    const readingsLoaded = await mart.run(sql`
      insert into mart.fact_energy_usage (customer_id, ts, consumption_kwh, cost, arrived_at)
      select zone, hour_start, kwh, ${flatCost(mart, sql.ref('kwh'), pricePerKwh)},
        ${addMicros(sql.ref('hour_start'), HOUR_MICROS)}
      from (
        select zone, ${kwh} as kwh, ${addMicros(start, sql`-${sql.lit(HOUR_MICROS)} * (${earlier})`)} as hour_start
        from staging.pjm_load
      ) as hours
      order by 1, 2`)
    const zonesLoaded = await mart.run(sql`
      insert into mart.dim_customer (customer_id, customer_type, tariff, heating_type, valid_from, valid_to)
      select z.zone, 'grid zone', 'flat', null, ${sql.ref('u.first_hour')},
        case when ${sql.ref('u.last_hour')} < (select max(ts) from mart.fact_energy_usage)
          then ${addMicros(sql.ref('u.last_hour'), HOUR_MICROS)} end
      from staging.pjm_zones z
      join (
        select customer_id, min(ts) as first_hour, max(ts) as last_hour
        from mart.fact_energy_usage
        group by customer_id
      ) u on u.customer_id = z.zone
      order by 1`)
    const counts = await countRows(mart)
    const days = await fillCalendar(mart, 'unitedStates')
    return {
      readingsRead,
      readingsLoaded,
      zonesRead,
      zonesLoaded,
      days,
      ...counts,
    }
  })
}

/** Counts what the loader cannot repair. */
async function countRows(
  mart: Warehouse,
): Promise<Pick<PjmCounts, 'repeatedHours' | 'sameInstant' | 'missingHours' | 'zonesEnded'>> {
  const bigint = mart.leaves.columnType('bigint')
  const micros = (aggregate: string): Sql => mart.leaves.epochMicros(sql`${sql.raw(aggregate)}(ts)`)
  const found = await readRow<{
    all_rows: number
    hours: number
    same_instant: number
    missing_hours: number
    zones_ended: number
  }>(
    mart,
    sql`
      select
        (select count(*) from staging.pjm_load) as all_rows,
        (select count(*) from (select distinct zone, ts from staging.pjm_load) d) as hours,
        cast(sum(readings - instants) as ${bigint}) as same_instant,
        cast(sum(hours - instants) as ${bigint}) as missing_hours,
        (select count(*) from mart.dim_customer where valid_to is not null) as zones_ended
      from (
        select customer_id, count(*) as readings, count(distinct ts) as instants,
          cast((${micros('max')} - ${micros('min')}) / ${sql.lit(HOUR_MICROS)} as ${bigint}) + 1 as hours
        from mart.fact_energy_usage group by customer_id
      ) as zones
    `,
  )
  return {
    repeatedHours: found.all_rows - found.hours,
    sameInstant: found.same_instant,
    missingHours: found.missing_hours,
    zonesEnded: found.zones_ended,
  }
}
