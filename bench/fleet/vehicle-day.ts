import { entity, fact, featureService, featureView } from '@martlet/feature-store'
import { sql, type Sql } from '@martlet/warehouse'
import { z } from 'zod'

const vehicle = entity('vehicle', { vehicle_id: z.string() })

const telemetry = fact('mart.telemetry', {
  columns: {
    vehicle_id: z.string(),
    recorded_at: z.date(),
    odometer_km: z.number().nullable(),
    engine_hours: z.number().nullable(),
    fuel_l: z.number().nullable(),
    speed_kmh: z.number().nullable(),
    engine_temp_c: z.number().nullable(),
    fault_code: z.string().nullable(),
  },
  entities: [vehicle],
  eventTime: 'recorded_at',
}).with((r) => ({ driven_km: r.increase('odometer_km'), worked_hours: r.increase('engine_hours') }))

/** What a nightly model reads of a vehicle: fourteen features of one, seven and fourteen days. */
export const vehicleDay = featureView('vehicle_day', {
  of: vehicle,
  from: telemetry,
  every: '1d',
  features: (f) => ({
    km: f.sum('driven_km').over('1d', '7d', '14d'),
    hours: f.sum('worked_hours').over('1d', '7d', '14d'),
    fuel: f.sum('fuel_l').over('1d', '7d', '14d'),
    hottest: f.max('engine_temp_c').over('1d', '7d', '14d'),
    faults: f
      .count()
      .where((r) => r.fault_code.isNull().not())
      .over('7d', '14d'),
  }),
})

export const vehicleDayFeatures: readonly string[] = vehicleDay.plan.features.map(({ name }) => name)
export const fleetService = featureService('fleet', [vehicleDay])

/** The same rows by hand: increases once over everything, one row per vehicle and day, windows over those. */
export function vehicleDaysByHand(first: number, last: number): Sql {
  const instant = (ms: number) => sql`TIMESTAMP ${sql.lit(new Date(ms).toISOString().slice(0, 19))}`
  const increase = (column: string) => {
    const value = sql.id(column)
    return sql`CASE WHEN ${value} < LAG(${value} IGNORE NULLS) OVER w THEN ${value}
      ELSE ${value} - LAG(${value} IGNORE NULLS) OVER w END`
  }
  const features = vehicleDayFeatures.map((name) => {
    const [, what = '', days = '1'] = /^(.*)_(\d+)d$/.exec(name) ?? []
    const value = what === 'hottest' ? sql`MAX(hottest)` : sql`SUM(${sql.id(what)})`
    return sql`${value} OVER (
      PARTITION BY vehicle_id ORDER BY feature_time
      RANGE BETWEEN to_days(${sql.lit(Number(days) - 1)}) PRECEDING AND CURRENT ROW) AS ${sql.id(name)}`
  })
  return sql`
    WITH events AS (
      SELECT vehicle_id, recorded_at, fuel_l, engine_temp_c, fault_code,
        ${increase('odometer_km')} AS driven_km, ${increase('engine_hours')} AS worked_hours
      FROM mart.telemetry
      WINDOW w AS (PARTITION BY vehicle_id ORDER BY recorded_at)
    ),
    days AS (
      SELECT vehicle_id, date_trunc('day', recorded_at) + INTERVAL 1 DAY AS feature_time, SUM(driven_km) AS km,
        SUM(worked_hours) AS hours, SUM(fuel_l) AS fuel, MAX(engine_temp_c) AS hottest, COUNT(fault_code) AS faults
      FROM events
      GROUP BY ALL
    ),
    windows AS (SELECT vehicle_id, feature_time, ${sql.join(features)} FROM days)
    SELECT * FROM windows WHERE feature_time BETWEEN ${instant(first)} AND ${instant(last)}
  `
}
