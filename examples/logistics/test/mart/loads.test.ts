import { openDuckDb, rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, describe, expect, test } from 'vitest'
import { openTestWarehouse, testEngine } from '../../../../packages/warehouse/test/support/engine.ts'
import { fillMart } from '../../src/fill-mart.ts'
import { deliver } from '../../src/generate/deliver.ts'
import { simulate } from '../../src/generate/simulate.ts'
import { loads, snapshots } from '../../src/mart-steps.ts'
import { oftenFaulty } from '../support/often-faulty.ts'
import { createTables } from '../support/mart-warehouse.ts'
import { fillPlainly } from './plain-mart.ts'

// Every statement goes to the double over HTTP.
const days = testEngine === 'duckdb' ? 14 : 6
const world = simulate({ seed: 6, vehicles: 5, days, customers: 7, locations: 12, faults: oftenFaulty })
const last = world.shape.days

const keys: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...loads.map(({ into, key }) => [into, key] as const),
  ...snapshots.map(({ into, key }) => [into, [...key, 'valid_from']] as const),
])

/** The rows of every table of staging and mart, in the order of their keys. */
async function marts(warehouse: Warehouse): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const tables: [string, readonly unknown[]][] = []
  for (const [table, key] of keys) {
    const order = sql.join(key.map((name) => sql.id(name)))
    tables.push([table, rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)} AS t ORDER BY ${order}`))])
  }
  return Object.fromEntries(tables)
}

async function numberOf(warehouse: Warehouse, text: string): Promise<number> {
  const { columns } = await warehouse.read(sql.raw(text))
  return Number(columns[0]?.values[0])
}

describe('a mart that is loaded at once', async () => {
  const warehouse = await openTestWarehouse()
  afterAll(() => warehouse.close())
  await createTables(warehouse)
  const { rows } = await deliver(warehouse, world, { untilDay: last })
  const first = await fillMart(warehouse)
  const whole = await marts(warehouse)

  test('reads every row of raw and reconciles with staging', async () => {
    const read = Object.fromEntries(first.loads.map(({ load: name, read: count }) => [name, count]))
    const raw = ['customers', 'vehicles', 'shipments', 'locations', 'calendar', 'weather', 'traffic', 'maintenance']
    for (const table of raw) expect(read[table]).toBe(rows[table as keyof typeof rows])
    const unset = await numberOf(
      warehouse,
      "SELECT COUNT(*) FROM raw.telemetry WHERE recorded_at < CAST('2000-01-01' AS DATE)",
    )
    expect(unset).toBeGreaterThan(0)
    expect(read['telemetry']).toBe(rows.telemetry - unset)
    expect(first.loads.filter(({ rejected }) => rejected > 0)).toEqual([])
    for (const table of ['customers', 'vehicles', 'shipments']) {
      const distinct = await numberOf(warehouse, `SELECT COUNT(DISTINCT ${table.slice(0, -1)}_id) FROM raw.${table}`)
      expect(whole[`staging.${table}`]).toHaveLength(distinct)
    }
  })

  test('reconciles staging with facts', async () => {
    const begun = await numberOf(
      warehouse,
      'SELECT COUNT(*) FROM staging.shipments WHERE picked_up_at IS NOT NULL OR delivered_at IS NOT NULL',
    )
    expect(whole['mart.fact_shipment']).toHaveLength(begun)
    const sums = rowsOf(
      await warehouse.read(
        sql.raw(`
          SELECT (SELECT SUM(shipments) FROM mart.fact_vehicle_utilization) AS used,
            (SELECT COUNT(picked_up_at) FROM mart.fact_shipment) AS picked_up,
            (SELECT SUM(deliveries) FROM mart.fact_route_performance) AS performed,
            (SELECT COUNT(delivered_at) FROM mart.fact_shipment) AS delivered,
            (SELECT COUNT(*) FROM mart.fact_shipment WHERE origin_id IS NULL OR distance_km IS NULL) AS without_route,
            (SELECT COUNT(*) FROM mart.fact_vehicle_telemetry WHERE odometer_km > 10000000 OR fuel_l < 0) AS impossible
        `),
      ),
    )[0]
    expect(sums).toMatchObject({ without_route: 0, impossible: 0 })
    expect(sums?.['used']).toEqual(sums?.['picked_up'])
    expect(sums?.['performed']).toEqual(sums?.['delivered'])
    for (const [table, stored] of Object.entries(whole)) expect([table, stored.length > 0]).toEqual([table, true])
  })

  test('is the one that plain statements make', async () => {
    await using other = await openDuckDb({ threads: 1 })
    await createTables(other)
    await deliver(other, world, { untilDay: last })
    await fillPlainly(other)
    expect(await marts(other)).toEqual(whole)
  })

  test('has nothing to do a second time', async () => {
    const again = await fillMart(warehouse)
    expect(again.loads.map(({ inserted, updated }) => inserted + updated)).toEqual(loads.map(() => 0))
    expect(await marts(warehouse)).toEqual(whole)
  })

  test('is the one that is loaded day by day', async () => {
    await using other = await openTestWarehouse()
    await createTables(other)
    const stops = testEngine === 'duckdb' ? [1, 2, 9, last] : [2, last]
    for (const [i, untilDay] of stops.entries()) {
      await deliver(other, world, { fromDay: stops[i - 1] ?? 0, untilDay })
      await fillMart(other)
    }
    expect(await marts(other)).toEqual(whole)
  })
})
