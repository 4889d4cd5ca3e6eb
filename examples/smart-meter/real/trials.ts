import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { forecastDefinitions } from '../definitions/forecast.ts'
import { evaluateRolling, type RollingOptions, type RollingResult } from '../src/forecast/rolling-origin.ts'
import { forecastRows } from '../src/forecast/training-rows.ts'
import { parquet } from './shared-data.ts'

/** A public data set in the tables of the mart, and the days on which the forecast is judged. */
export interface Trial {
  readonly data: string
  readonly about: string
  readonly zone: string
  readonly from: string
  readonly to: string
  readonly options: RollingOptions
  fill(warehouse: Warehouse): Promise<void>
}

/** Readings that are there as soon as their half-hour has ended; those below zero are left out, and of repeated ones the mean stays. */
function consumptionRows(readings: Sql, zone: string): Sql {
  return sql`
    INSERT INTO mart.fact_consumption
    SELECT CAST(local AS DATE), meterpoint_id, CAST(CAST(EPOCH(local - DATE_TRUNC('day', local)) AS BIGINT) // 1800 AS INTEGER),
      ts, CAST(ROUND(1000 * kwh) AS BIGINT), kwh, ts + INTERVAL 30 MINUTE
    FROM (
      SELECT meterpoint_id, ts, AVG(kwh) AS kwh, timezone(${sql.lit(zone)}, timezone('UTC', ts)) AS local
      FROM (${readings}) AS r WHERE kwh >= 0 GROUP BY meterpoint_id, ts
    ) AS v
    ORDER BY meterpoint_id, ts
  `
}

const london: Trial = {
  data: 'lcl_smart_meters',
  about: 'four households of the Low Carbon London trial, 2013, with weather as measured, tariff and bank holidays',
  zone: 'Europe/London',
  from: '2013-02-01',
  to: '2013-12-15',
  options: {},
  async fill(warehouse) {
    const readings = sql`
      SELECT lcl_id AS meterpoint_id, TIME_BUCKET(INTERVAL 30 MINUTE, ts) AS ts, kwh
      FROM ${parquet('lcl_smart_meters/halfhourly.parquet')} WHERE ts >= TIMESTAMP '2012-12-25' AND ts < TIMESTAMP '2013-12-17'
    `
    await warehouse.run(consumptionRows(readings, 'Europe/London'))
    await warehouse.run(sql`
      INSERT INTO mart.dim_weather
      SELECT CAST(time AS DATE) AS date, ANY_VALUE((temperatureMin + temperatureMax) / 2),
        CAST(CAST(time AS DATE) AS TIMESTAMP) - INTERVAL 6 HOUR
      FROM ${parquet('lcl_smart_meters/weather_daily.parquet')} WHERE temperatureMin IS NOT NULL GROUP BY CAST(time AS DATE)
    `)
    await warehouse.run(sql`
      INSERT INTO mart.dim_holiday SELECT day, ANY_VALUE(name) FROM ${parquet('lcl_smart_meters/bank_holidays.parquet')} GROUP BY day
    `)
    const tariff = parquet('lcl_smart_meters/tou_tariff_2013.parquet')
    await warehouse.run(sql`
      INSERT INTO mart.dim_half_hour_price
      SELECT ts, ts + INTERVAL 30 MINUTE, pence_per_kwh, DATE_TRUNC('day', ts) - INTERVAL 8 HOUR FROM ${tariff} AS t
    `)
    await warehouse.run(sql`
      INSERT INTO mart.dim_price
      SELECT slot, timezone('UTC', timezone('Europe/London', day)), timezone('UTC', timezone('Europe/London', day + INTERVAL 1 DAY)),
        AVG(pence_per_kwh), MIN(ts) - INTERVAL 8 HOUR
      FROM (
        SELECT ts, pence_per_kwh, DATE_TRUNC('day', local) AS day,
          CAST(CAST(EPOCH(local - DATE_TRUNC('day', local)) AS BIGINT) // 1800 AS INTEGER) AS slot
        FROM (SELECT *, timezone('Europe/London', timezone('UTC', ts)) AS local FROM ${tariff} AS t) AS l
      ) AS v
      GROUP BY slot, day
    `)
    await warehouse.run(sql`
      INSERT INTO mart.fact_agreement
      SELECT ROW_NUMBER() OVER (ORDER BY lcl_id), lcl_id, lcl_id, CASE WHEN std_or_tou = 'ToU' THEN 'AGILE' ELSE 'FLEX' END, 'active',
        TIMESTAMP '2013-01-01', TIMESTAMP '2014-01-01', TIMESTAMP '2012-12-01', TIMESTAMP '2012-12-01'
      FROM ${parquet('lcl_smart_meters/households.parquet')} WHERE lcl_id IN (SELECT DISTINCT meterpoint_id FROM mart.fact_consumption)
    `)
  },
}

const swiss: Trial = {
  data: 'swiss_smart_meters',
  about: '60 Swiss households over seven weeks of autumn 2018; nothing but readings is known',
  zone: 'Europe/Zurich',
  from: '2018-11-12',
  to: '2018-12-15',
  options: { blocks: 2, calibrate: 10 },
  async fill(warehouse) {
    const readings = sql`
      SELECT CAST(vid AS VARCHAR) AS meterpoint_id, timezone('UTC', timezone('Europe/Zurich', TIME_BUCKET(INTERVAL 30 MINUTE, ts))) AS ts,
        SUM(kwh) AS kwh
      FROM ${parquet('swiss_smart_meters/readings_15min.parquet')}
      WHERE vid IN (SELECT DISTINCT vid FROM ${parquet('swiss_smart_meters/readings_15min.parquet')} ORDER BY vid LIMIT 60)
      GROUP BY ALL
    `
    await warehouse.run(consumptionRows(readings, 'Europe/Zurich'))
  },
}

export const trials: readonly Trial[] = [london, swiss]

/** Judges the forecast on the last weeks of a data set. */
export async function runTrial(trial: Trial, warehouse: Warehouse): Promise<RollingResult> {
  await trial.fill(warehouse)
  const { zone, from, to, options } = trial
  const definitions = forecastDefinitions(zone)
  return evaluateRolling(await forecastRows({ warehouse, definitions, zone, from, to }), options)
}
