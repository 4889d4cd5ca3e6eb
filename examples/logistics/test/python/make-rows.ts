// Writes what second_opinion.py compares: the tables of a generated mart, and sampled rows of every product, as Parquet.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { buildTrainingSet, featureService, type AnyFeatureService, type AnyLabel } from '@martlet/feature-store'
import { openDuckDb, runScript, sql, tableRef, writeParquet, type Sql } from '@martlet/warehouse'
import * as product from '../../definitions/index.ts'
import { fillMart } from '../../src/fill-mart.ts'
import { deliver } from '../../src/generate/deliver.ts'
import { simulate } from '../../src/generate/simulate.ts'

const [given = '.tmp/logistics'] = process.argv.slice(2)
const folder = resolve(given)
await mkdir(join(folder, 'mart'), { recursive: true })
await mkdir(join(folder, 'rows'), { recursive: true })

const start = new Date('2025-02-01T00:00:00Z')
const days = 240
await using warehouse = await openDuckDb()
const ddl = join(import.meta.dirname, '../../../../sql/duckdb/logistics')
for (const file of (await readdir(ddl)).toSorted()) await runScript(warehouse, await readFile(join(ddl, file), 'utf8'))
// More often wrong than usual, so that every fault is among the sampled rows.
const faults = {
  lateTelemetry: 0.05,
  odometerSwap: 1,
  odometerSentinel: 0.005,
  missingPickup: 0.02,
  missingDelivery: 0.02,
  deliveredBeforePickup: 0.01,
  orphanCustomer: 0.01,
  misspeltTier: 0.1,
  overlappingValidity: 0.03,
}
await deliver(warehouse, simulate({ seed: 11, vehicles: 30, days, start, faults }))
await fillMart(warehouse)

const tables = [
  'dim_customer',
  'dim_vehicle',
  'dim_location',
  'dim_route',
  'dim_date',
  'dim_weather',
  'dim_traffic',
  'dim_maintenance_schedule',
  'fact_maintenance',
  'fact_shipment',
  'fact_delivery',
  'fact_vehicle_telemetry',
  'fact_vehicle_utilization',
  'fact_route_conditions',
]
for (const table of tables)
  await writeParquet(
    warehouse,
    sql`SELECT * FROM ${tableRef(`mart.${table}`)} AS t`,
    join(folder, 'mart', `${table}.parquet`),
  )

/** So many rows of random keys of a dimension, one of them unknown, at random seconds and at moments when rows begin to be served. */
function sampled(rows: number, key: string, table: string): Sql {
  return sql`
    WITH known AS (SELECT DISTINCT ${sql.id(key)} AS k FROM ${tableRef(`mart.${table}`)} UNION ALL SELECT 'nobody'),
    keys AS (SELECT k, ROW_NUMBER() OVER (ORDER BY k) - 1 AS place, COUNT(*) OVER () AS n FROM known),
    draws AS (
      SELECT i, CAST(hash(i * 7 + ${sql.lit(rows)}) % ${sql.lit(days * 86_400)} AS BIGINT) AS s,
        hash(i * 13 + ${sql.lit(rows)}) AS k
      FROM range(${sql.lit(rows)}) r(i)
    )
    SELECT keys.k AS ${sql.id(key)},
      CAST(${start.toISOString().slice(0, 19).replace('T', ' ')} AS TIMESTAMP)
        + to_seconds(CASE WHEN i % 10 = 0 THEN s - s % 3600 ELSE s END) AS at
    FROM draws JOIN keys ON keys.place = draws.k % keys.n`
}

const vehicle = (rows: number): Sql => sampled(rows, 'vehicle_id', 'dim_vehicle')
const route = (rows: number): Sql => sampled(rows, 'route_id', 'dim_route')
const customer = (rows: number): Sql => sampled(rows, 'customer_id', 'dim_customer')
const location = (rows: number): Sql => sampled(rows, 'location_id', 'dim_location')
const trips = sql`
  SELECT shipment_id, customer_id, vehicle_id, route_id, picked_up_at AS at, weight_kg AS planned_load_kg,
    picked_up_at AS planned_departure, promised_at
  FROM (SELECT s.*, ROW_NUMBER() OVER (ORDER BY hash(shipment_id)) AS place FROM mart.fact_shipment AS s
    WHERE picked_up_at IS NOT NULL AND weight_kg IS NOT NULL AND promised_at IS NOT NULL) AS t
  WHERE place <= 1500`

const p = product
const sets: readonly (readonly [AnyFeatureService, Sql, readonly AnyLabel[]])[] = [
  [featureService('rolling_vehicle', [p.vehicleRolling, p.vehicleLoad, p.vehicleProfile]), vehicle(1500), []],
  [featureService('rolling_route', [p.routeRolling, p.routeConditions, p.routeProfile]), route(1500), []],
  [featureService('rolling_customer', [p.customerRolling, p.customerService, p.customerProfile]), customer(1500), []],
  [featureService('maintenance', [p.maintenance, p.workshop]), vehicle(1501), [p.fails]],
  [featureService('segments', [p.customerRfm, p.customerSegments]), customer(1000), []],
  [featureService('hauls_route', [p.routeClass]), route(700), []],
  [featureService('hauls_vehicle', [p.vehicleHauls]), vehicle(700), []],
  [featureService('hauls_customer', [p.customerHauls]), customer(700), []],
  [featureService('hauls_place', [p.place, p.arrivals]), location(700), []],
  [p.deliveryDelay, trips, [p.minutesLate, p.late]],
]
for (const [service, query, labels] of sets) {
  const began = performance.now()
  const into = `training.${service.name}`
  const asOf = new Date(start.getTime() + days * 86_400_000)
  const set = await buildTrainingSet({ warehouse, service, spine: { query }, time: 'at', labels, into, asOf })
  await writeParquet(
    warehouse,
    sql`SELECT * FROM ${tableRef(into)} AS t ORDER BY t.spine_row`,
    join(folder, 'rows', `${service.name}.parquet`),
  )
  console.log(
    `${service.name}: ${set.rows} rows × ${set.features.length} features, ${Math.round(performance.now() - began)} ms`,
  )
}
