import { openDuckDb } from '@martlet/warehouse'
import { afterAll, describe, expect, test } from 'vitest'
import { deliver } from '../../src/generate/deliver.ts'
import { faultCounts } from '../../src/generate/ledger.ts'
import { noFaults, type FaultName } from '../../src/generate/options.ts'
import { simulate } from '../../src/generate/simulate.ts'
import { oftenFaulty } from '../support/often-faulty.ts'
import { createTables, textsFrom } from '../support/mart-warehouse.ts'

/** How each fault is found in raw by somebody who only sees the rows: the keys under which the ledger has it. */
const finders: Readonly<Record<FaultName, string>> = {
  lateTelemetry: `
    SELECT DISTINCT vehicle_id || ' ' || CAST(CAST(recorded_at - INTERVAL 1 HOUR AS DATE) AS VARCHAR) FROM raw.telemetry
    WHERE recorded_at > DATE '2000-01-01' AND _loaded_at - recorded_at > INTERVAL 2 HOUR`,
  odometerSwap: `
    SELECT vehicle_id || ' ' || strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.000Z') FROM (
      SELECT vehicle_id, recorded_at, odometer_km, LAG(odometer_km) OVER (PARTITION BY vehicle_id ORDER BY recorded_at) AS before
      FROM raw.telemetry WHERE recorded_at > DATE '2000-01-01' AND odometer_km < 1e9
    ) WHERE odometer_km < before - 500`,
  odometerSentinel: `
    SELECT vehicle_id || ' ' || strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.000Z') FROM raw.telemetry WHERE odometer_km = 1e9`,
  clock1970: `SELECT 'one' FROM raw.telemetry WHERE recorded_at < DATE '1971-01-01'`,
  negativeFuel: `
    SELECT vehicle_id || ' ' || strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.000Z') FROM raw.telemetry WHERE fuel_l < 0`,
  duplicateShipment: `
    SELECT shipment_id FROM raw.shipments GROUP BY shipment_id, updated_at HAVING COUNT(*) > 1`,
  staleShipment: `
    SELECT shipment_id FROM (
      SELECT shipment_id, updated_at, MIN(_loaded_at) AS loaded_at, MAX(delivered_at IS NOT NULL) AS done
      FROM raw.shipments GROUP BY shipment_id, updated_at
    ) GROUP BY shipment_id HAVING MAX(CASE WHEN NOT done THEN loaded_at END) > MIN(CASE WHEN done THEN loaded_at END)`,
  missingPickup: `
    SELECT shipment_id FROM raw.shipments
    GROUP BY shipment_id HAVING COUNT(picked_up_at) = 0 AND COUNT(DISTINCT updated_at) > 1`,
  missingDelivery: `
    SELECT shipment_id FROM raw.shipments
    GROUP BY shipment_id HAVING COUNT(delivered_at) = 0`,
  deliveredBeforePickup: `SELECT DISTINCT shipment_id FROM raw.shipments WHERE delivered_at < picked_up_at`,
  overweight: `
    SELECT DISTINCT shipment_id FROM raw.shipments AS s
    WHERE weight_kg > (SELECT MAX(capacity_kg) FROM raw.vehicles AS v WHERE v.vehicle_id = s.vehicle_id)`,
  orphanCustomer: `
    SELECT DISTINCT shipment_id FROM raw.shipments AS s
    WHERE NOT EXISTS (SELECT 1 FROM raw.customers AS c WHERE c.customer_id = s.customer_id)`,
  misspeltTier: `
    SELECT customer_id || ' ' || strftime(updated_at, '%Y-%m-%dT%H:%M:%S.000Z') FROM raw.customers
    WHERE tier NOT IN ('basic', 'plus', 'premium')`,
  overlappingValidity: `
    SELECT region || ' ' || strftime(observed_at, '%Y-%m-%dT%H:%M:%S.000Z') FROM (
      SELECT region, observed_at, valid_until, LEAD(observed_at) OVER (PARTITION BY region ORDER BY observed_at) AS next
      FROM raw.traffic
    ) WHERE valid_until > next`,
}

const size = { seed: 3, vehicles: 20, days: 90, customers: 25 }
// Ten days later everything has arrived, except what never does.
const until = { untilDay: size.days + 10 }

describe('a world with many faults', async () => {
  const warehouse = await openDuckDb({ threads: 1 })
  afterAll(() => warehouse.close())
  await createTables(warehouse)
  const { faults } = await deliver(warehouse, simulate({ ...size, faults: oftenFaulty }), until)

  test.each(Object.keys(finders) as FaultName[])('has every %s of its ledger, and no other', async (fault) => {
    const told = faults.filter((entry) => entry.fault === fault)
    expect(told.length).toBeGreaterThan(2)
    const found = await textsFrom(warehouse, finders[fault])
    // A reading of 1970 does not say when it was made.
    if (fault === 'clock1970') expect(found).toHaveLength(told.length)
    else expect([...new Set(found)]).toEqual([...new Set(told.map(({ key }) => key))].toSorted())
  })

  test('counts its faults by kind', () => {
    expect([...faultCounts(faults).keys()]).toEqual(Object.keys(finders).toSorted())
  })
})

test('a world without faults has none', async () => {
  await using warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  const { faults } = await deliver(warehouse, simulate({ ...size, days: 40, faults: noFaults }), { untilDay: 50 })
  expect(faults).toEqual([])
  for (const finder of Object.values(finders)) expect(await textsFrom(warehouse, finder)).toEqual([])
})
