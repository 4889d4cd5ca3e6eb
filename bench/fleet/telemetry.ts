import { sql, type Warehouse } from '@martlet/warehouse'

export const START = Date.UTC(2026, 2, 1)
export const DAY = 86_400_000

export interface Fleet {
  readonly vehicles: number
  readonly days: number
}

/**
 * `raw.telemetry`: a reading of every vehicle each minute. Every 97th reading arrives twice, every 211th has no odometer,
 * and the counters of every 50th vehicle start anew in the middle. A day's readings arrive at its end.
 */
export async function makeTelemetry(warehouse: Warehouse, { vehicles, days }: Fleet): Promise<void> {
  await warehouse.run(sql`CREATE SCHEMA raw`)
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE raw.telemetry (
      vehicle_id VARCHAR, recorded_at TIMESTAMP, odometer_km DOUBLE, engine_hours DOUBLE, fuel_l DOUBLE,
      speed_kmh DOUBLE, engine_temp_c DOUBLE, fault_code VARCHAR, _loaded_at TIMESTAMP NOT NULL)
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.telemetry (
      vehicle_id VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL, odometer_km DOUBLE, engine_hours DOUBLE,
      fuel_l DOUBLE, speed_kmh DOUBLE, engine_temp_c DOUBLE, fault_code VARCHAR, arrived_at TIMESTAMP NOT NULL)
  `)
  for (let day = 0; day < days; day++) await appendDay(warehouse, vehicles, day, days)
}

async function appendDay(warehouse: Warehouse, vehicles: number, day: number, days: number): Promise<void> {
  const start = sql`TIMESTAMP ${sql.lit(new Date(START + day * DAY).toISOString().slice(0, 19))}`
  const reset = Math.floor(days / 2) * 1440
  const driven = sql`CASE WHEN v % 50 = 0 AND n >= ${sql.lit(reset)} THEN n - ${sql.lit(reset)} ELSE n + v * 100 END`
  await warehouse.run(sql`
    INSERT INTO raw.telemetry
    WITH minutes AS (
      SELECT v, m, ${sql.lit(day * 1440)} + m AS n, hash(v * 100000 + ${sql.lit(day * 1440)} + m) AS h
      FROM range(${sql.lit(vehicles)}) AS vehicles(v), range(1440) AS minutes(m)
    ),
    readings AS (
      SELECT printf('v%05d', v) AS vehicle_id, ${start} + to_minutes(m) AS recorded_at,
        CASE WHEN h % 211 = 0 THEN NULL ELSE (${driven}) * 0.75 END AS odometer_km,
        (${driven}) / 64.0 AS engine_hours,
        (h % 16) / 16.0 AS fuel_l,
        CAST(h % 90 AS DOUBLE) AS speed_kmh,
        70 + CAST(h % 256 AS DOUBLE) / 8 AS engine_temp_c,
        CASE WHEN h % 1009 = 0 THEN printf('P%04d', h % 40) END AS fault_code,
        ${start} + INTERVAL 1 DAY AS _loaded_at, h
      FROM minutes
    )
    SELECT r.* EXCLUDE (h) FROM readings r
    UNION ALL
    SELECT r.* EXCLUDE (h) FROM readings r WHERE h % 97 = 0
  `)
}
