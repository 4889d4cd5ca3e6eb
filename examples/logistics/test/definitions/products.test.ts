import { buildTrainingSet, featureService, type AnyFeatureService } from '@martlet/feature-store'
import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as product from '../../definitions/index.ts'
import { Products, type Asked, type Row } from './answers.ts'
import { smallMart } from './small-mart.ts'

// Monday, 10 o'clock in Zurich. Features of a day are those of its midnight, which was 22:00 UTC of March 30.
const AT = new Date('2025-03-31T08:00:00Z')
const DAY = 24 * 60

let warehouse: Warehouse
let products: Products
beforeAll(async () => {
  warehouse = await smallMart()
  const views = Object.values(product).flatMap((one) => ('kind' in one && one.kind === 'view' ? [one.plan] : []))
  products = await Products.open(warehouse, views, AT)
})
afterAll(() => products[Symbol.asyncDispose]())

/** The vectors of a service are alike from facts, tables and online, and have these values. */
async function expectVector(
  service: AnyFeatureService,
  keys: Readonly<Record<string, string>>,
  expected: Row,
  request: Asked = {},
): Promise<void> {
  const { facts, materialized, online } = await products.of(service, keys, request)
  expect(materialized).toEqual(facts)
  expect(online).toEqual(facts)
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, facts[name]]))).toEqual(
    Object.fromEntries(
      Object.entries(expected).map(([name, value]) => [
        name,
        typeof value === 'number' ? Number(value.toPrecision(12)) : value,
      ]),
    ),
  )
}

describe('rolling analytics', () => {
  test('a vehicle: what its counters grew by, over local days', async () => {
    await expectVector(
      featureService('vehicle', [product.vehicleRolling, product.vehicleLoad, product.vehicleProfile]),
      { vehicle_id: 'v1' },
      {
        // The odometer was replaced: 100 km, then 50 on the new one. 23:30 in Zurich is not yet Sunday.
        vehicle_rolling__distance_km_1day: 50,
        vehicle_rolling__distance_km_7days: 150,
        vehicle_rolling__distance_km_90days: 150,
        vehicle_rolling__engine_hours_1day: 1,
        vehicle_rolling__engine_hours_28days: 3,
        vehicle_rolling__fuel_per_100km_7: 20,
        vehicle_rolling__fuel_per_100km_28: (40 / 150) * 100,
        vehicle_rolling__faults_1day: 1,
        vehicle_rolling__faults_7days: 2,
        vehicle_rolling__fault_kinds_28days: 2,
        vehicle_rolling__last_fault: 'P2',
        vehicle_rolling__fault_age: 0.5,
        vehicle_rolling__hottest_c_7days: 90,
        vehicle_rolling__standing_7days: 1,
        vehicle_rolling__momentum: null,
        vehicle_load__shipments_7days: 1,
        vehicle_load__load_share_7days: 0.5,
        vehicle_load__idle_days_7: 6,
        vehicle_load__utilization: 1 / 28,
        vehicle_profile__home_site_id: 'l1',
        vehicle_profile__age_days: 365 - 1 / 24,
      },
    )
  })

  test('a route: how its deliveries went, and its road', async () => {
    await expectVector(
      featureService('route', [product.routeRolling, product.routeConditions, product.routeProfile]),
      { route_id: 'r1' },
      {
        // s5 says that it was delivered before it was picked up; it has arrived all the same.
        route_rolling__deliveries_7days: 3,
        route_rolling__on_time_7days: 2 / 3,
        route_rolling__delay_minutes_7days: (30 - 10 - 180) / 3,
        route_rolling__delay_minutes_1day: -10,
        route_rolling__driven_minutes_7days: (150 + 110 - 60) / 3,
        route_rolling__recent_delay_last5: (30 - 10 - 180) / 3,
        // Seen at the newest third hour in Zurich, 7:00 UTC, without what happens then.
        route_conditions__congestion: 0.5,
        route_conditions__condition: 'storm',
        route_conditions__storm_24h: true,
        route_conditions__rain_mm_6h: 4,
        route_profile__planned_kmh: 60,
      },
    )
  })

  test('a customer: what it sent, and how it was served', async () => {
    const service = featureService('customer', [
      product.customerRolling,
      product.customerService,
      product.customerProfile,
    ])
    await expectVector(
      service,
      { customer_id: 'c1' },
      {
        customer_rolling__shipments_1day: 1,
        customer_rolling__shipments_7days: 2,
        customer_rolling__revenue_7days: 150,
        customer_rolling__weight_kg_28days: 800,
        customer_rolling__in_transit_open: 0,
        customer_rolling__transit_days_28days: (150 + 110) / DAY,
        customer_rolling__usual_route_90days: 'r1',
        customer_rolling__billed_previous_month: 0,
        customer_rolling__billing_month_to_date: 150,
        customer_service__late_7days: 1,
        customer_service__on_time_7days: 0.5,
        customer_service__delay_minutes_7days: 10,
        customer_service__all_late_last3: false,
        customer_profile__tier: 'premium',
      },
    )
    await expectVector(
      service,
      { customer_id: 'c2' },
      {
        customer_rolling__shipments_7days: 1,
        customer_rolling__in_transit_open: 1,
        customer_rolling__transit_days_28days: 120 / DAY,
        customer_service__deliveries_7days: 1,
      },
    )
  })
})

test('maintenance: wear since each service, and when the next is due', async () => {
  await expectVector(
    featureService('care', [product.maintenance, product.workshop]),
    { vehicle_id: 'v1' },
    {
      maintenance__km_since_oil: 150,
      maintenance__hours_since_oil: 3,
      maintenance__days_since_oil: 5 + 10 / 24,
      maintenance__km_since_breakdown: 50,
      maintenance__km_since_brakes: 150, // there was no such service yet, so since the start
      maintenance__brakes_age: null,
      maintenance__days_since_brakes: 365 - 1 / 24,
      maintenance__faults_since_service: 2,
      maintenance__recent_faults_100_engine_hours: 2,
      maintenance__recent_fuel_l_1000_odometer_km: 40,
      maintenance__oil_km_left: -50,
      maintenance__oil_overdue: true,
      maintenance__brakes_overdue: false,
      maintenance__inspection_overdue: false,
      maintenance__km_per_day: 150 / 28,
      maintenance__days_until_due: -50 / (150 / 28),
      workshop__orders_oil_365d: 1,
      workshop__orders_breakdown_365d: 1,
      workshop__orders_tyres_365d: 0,
      workshop__cost_365d: 300.5,
      workshop__last_kind: 'breakdown',
      workshop__days_between_365d: 5 - 3 / 24,
    },
  )
})

test('segments: fifths among all customers, standing within segment and tier', async () => {
  const service = featureService('segmented', [product.customerRfm, product.customerSegments])
  await expectVector(
    service,
    { customer_id: 'c1' },
    {
      customer_rfm__recency_days: 14 / 24,
      customer_rfm__frequency_90days: 2,
      customer_rfm__money_90days: 150,
      customer_rfm__stale_fifth: 5,
      customer_rfm__frequency_fifth: 5,
      customer_rfm__money_fifth: 4,
      customer_rfm__rank_in_segment: 2,
      customer_rfm__share_of_segment: 150 / 350,
      customer_rfm__standing_in_tier: 0,
      customer_rfm__usual_gap_180days: 1,
      customer_rfm__gap_ratio: 14 / 24,
      customer_segments__rfm: 154,
      customer_segments__behaviour: 'loyal',
      customer_segments__leaving: false,
      customer_segments__mismatch: false,
    },
  )
  await expectVector(
    service,
    { customer_id: 'c3' },
    {
      customer_rfm__recency_days: null,
      customer_rfm__stale_fifth: null,
      customer_rfm__money_fifth: 2,
      customer_rfm__rank_in_segment: 1,
      customer_segments__behaviour: 'never',
    },
  )
})

test('hauls: classes of routes, punctuality by class, places in roles', async () => {
  await expectVector(
    featureService('classes', [product.routeClass]),
    { route_id: 'r1' },
    {
      route_class__haul: 'regional',
      route_class__volume: 'rare',
      route_class__crossing: true,
      route_class__destination_kind: 'customer',
      route_class__route_class: 'distribution',
      route_class__punctual_rank: 1,
    },
  )
  await expectVector(
    featureService('long', [product.routeClass]),
    { route_id: 'r2' },
    {
      route_class__haul: 'long',
      route_class__route_class: 'special',
      route_class__punctual_rank: null,
    },
  )
  await expectVector(
    featureService('drivers', [product.vehicleHauls]),
    { vehicle_id: 'v1' },
    {
      vehicle_hauls__deliveries_regional_90days: 3,
      vehicle_hauls__deliveries_rest_90days: 0,
      vehicle_hauls__on_time_regional_90days: 2 / 3,
      vehicle_hauls__on_time_long_90days: null,
      vehicle_hauls__usual_haul_90days: 'regional',
    },
  )
  await expectVector(
    featureService('shippers', [product.customerHauls]),
    { customer_id: 'c1' },
    {
      customer_hauls__deliveries_regional_90days: 2,
      customer_hauls__weight_kg_local_90days: 0,
    },
  )
  const ends = featureService('ends', [
    product.place.as('origin', { location_id: 'origin_id' }),
    product.place.as('destination', { location_id: 'destination_id' }),
    product.arrivals.as('destination_past', { location_id: 'destination_id' }),
  ])
  await expectVector(
    ends,
    { origin_id: 'l1', destination_id: 'l2' },
    {
      origin__region: 'north',
      origin__slippery: false,
      origin__congestion: 0.5,
      destination__kind: 'customer',
      destination__slippery: true, // below freezing, with rain
      destination__congestion: 0.25, // of two statements that hold, the one that began last
      destination_past__deliveries_7days: 3,
    },
  )
})

test('a shipment before it leaves: vehicle, route and customer, the ends of the route, and what is planned', async () => {
  const request = {
    planned_load_kg: 400,
    planned_departure: AT,
    promised_at: new Date('2025-03-31T10:00:00Z'),
  }
  const keys = { vehicle_id: 'v1', route_id: 'r1', customer_id: 'c1' }
  await expectVector(
    product.deliveryDelay,
    keys,
    {
      origin__region: 'north',
      destination__slippery: true,
      arrivals__deliveries_7days: 3,
      calendar__holiday: false,
      calendar__holiday_tomorrow: true,
      trip__load_share: 0.4,
      trip__overloaded: false,
      trip__promised_minutes: 120,
      trip__expected_minutes: 200,
      trip__slack_minutes: -80,
      trip__premium: true,
      departure__hour: 10,
      departure__weekday: 1,
      departure__rush_hour: false,
    },
    request,
  )
})

test('what dispatchers, the sales desk and the planners see is alike in all three ways', async () => {
  await expectVector(product.fleetOverview, { vehicle_id: 'v1' }, { home__region: 'north' })
  await expectVector(product.maintenanceRisk, { vehicle_id: 'v1' }, { calendar__month: 3 })
  await expectVector(product.customerOverview, { customer_id: 'c1' }, { customer_profile__tier: 'premium' })
  await expectVector(product.routeOverview, { route_id: 'r1' }, { destination__region: 'south' })
})

describe('labels', () => {
  const labelled = async (
    spine: Parameters<typeof buildTrainingSet>[0]['spine'],
    labels: Parameters<typeof buildTrainingSet>[0]['labels'],
    asOf: string,
  ): Promise<readonly Row[]> => {
    const service = featureService('calendar_only', [product.calendar])
    const set = await buildTrainingSet({
      warehouse,
      service,
      spine,
      time: 'at',
      labels: labels ?? [],
      asOf: new Date(asOf),
    })
    return rowsOf<Record<string, unknown>>(await set.read())
  }

  test('a vehicle fails when it breaks down within 14 days from t on, and nobody knows before they are over', async () => {
    const query = sql`SELECT 'v1' AS vehicle_id, CAST(t AS TIMESTAMP) AS at FROM (VALUES
      ('2025-03-30 09:00:00'), ('2025-03-30 09:00:01'), ('2025-03-31 07:59:59'), ('2025-03-31 08:00:00'), ('2025-04-17 00:00:00')) AS v(t)`
    const rows = await labelled({ query }, [product.fails], '2025-04-30')
    // w2 at March 30, 9:00; w3 a second less than 14 days after March 31, 8:00.
    expect(rows.map(({ fails }) => fails)).toEqual([true, false, false, true, null])
  })

  test('a shipment is as late as its own delivery says', async () => {
    const rows = await labelled(product.everyShipment, [product.minutesLate, product.late], '2025-04-11')
    const found = rows.map((row) => [row['shipment_id'], row['minutes_late'], row['late']])
    expect(found.toSorted()).toEqual([
      ['s1', 30, true],
      ['s2', -10, false],
      ['s3', null, null], // never delivered
      ['s4', 45, true],
      ['s6', null, null], // its seven days are not over
    ])
  })
})
