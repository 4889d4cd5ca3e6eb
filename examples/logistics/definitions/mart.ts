import {
  bands,
  caseWhen,
  decimal,
  dimension,
  entity,
  event,
  fact,
  intervals,
  lookupTable,
} from '@martlet/feature-store'
import { z } from 'zod'

/** The clock by which the carrier's days begin. */
export const ZONE = 'Europe/Zurich'

/** Late telemetry and corrected shipments have come after this time; rows this far back are written again. */
const REPAIR = '3d'

/** Rows of every local day, served an hour after midnight and for three days at most. */
export const nightly = { every: '1d', delay: '1h', zone: ZONE, ttl: '3d', repair: REPAIR } as const

export const vehicle = entity('vehicle', { vehicle_id: z.string() })
export const customer = entity('customer', { customer_id: z.string() })
export const route = entity('route', { route_id: z.string() })
export const location = entity('location', { location_id: z.string() })
export const region = entity('region', { region: z.string() })
export const shipment = entity('shipment', { shipment_id: z.string() })

export const locations = dimension('mart.dim_location', {
  columns: {
    location_id: z.string(),
    kind: z.enum(['depot', 'hub', 'customer']).nullable(),
    region: z.enum(['north', 'east', 'south', 'west']).nullable(),
    valid_from: z.date(),
  },
  entity: location,
  validFrom: 'valid_from',
})

export const vehicles = dimension('mart.dim_vehicle', {
  columns: {
    vehicle_id: z.string(),
    vehicle_type: z.enum(['van', 'rigid', 'tractor']).nullable(),
    capacity_kg: z.number().positive().nullable(),
    commissioned_on: z.iso.date().nullable(),
    home_site_id: z.string().nullable(),
    status: z.enum(['active', 'workshop', 'sold']).nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: vehicle,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  checks: (c) => ({
    one_row_at_a_time: c.unique(['vehicle_id', 'valid_from']),
    interval_plausible: c.rows((r) => r.valid_to.gt(r.valid_from), { severity: 'error' }),
    home_exists: c.relationship(locations, { home_site_id: 'location_id' }),
  }),
})

export const customers = dimension('mart.dim_customer', {
  columns: {
    customer_id: z.string(),
    segment: z.enum(['retail', 'industry', 'food', 'health']).nullable(),
    tier: z.string().nullable(),
    depot_id: z.string().nullable(),
    credit_limit: decimal(12, 2).nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  checks: (c) => ({
    tier_valid: c.rows((r) => r.tier.oneOf('basic', 'plus', 'premium')),
    tiers_mostly_valid: c.aggregate((f) => f.share((r) => r.tier.oneOf('basic', 'plus', 'premium')), {
      atLeast: 0.9,
      severity: 'error',
    }),
    interval_plausible: c.rows((r) => r.valid_to.gt(r.valid_from), { severity: 'error' }),
  }),
})

export const routes = dimension('mart.dim_route', {
  columns: {
    route_id: z.string(),
    origin_id: z.string().nullable(),
    destination_id: z.string().nullable(),
    distance_km: z.number().positive().nullable(),
    planned_minutes: z.number().positive().nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: route,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  checks: (c) => ({
    origin_exists: c.relationship(locations, { origin_id: 'location_id' }, { severity: 'error' }),
    destination_exists: c.relationship(locations, { destination_id: 'location_id' }, { severity: 'error' }),
    interval_plausible: c.rows((r) => r.valid_to.gt(r.valid_from), { severity: 'error' }),
  }),
})

export const weather = dimension('mart.dim_weather', {
  columns: {
    region: z.string(),
    temperature_c: z.number().nullable(),
    rain_mm: z.number().nonnegative().nullable(),
    wind_kmh: z.number().nonnegative().nullable(),
    condition: z.enum(['dry', 'rain', 'snow', 'storm']).nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: region,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

export const traffic = dimension('mart.dim_traffic', {
  columns: {
    region: z.string(),
    congestion: z.number().min(0).max(1).nullable(),
    roadworks: z.int32().nonnegative().nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: region,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

/** How often each kind of service is due for a vehicle; null where it is not due by that measure. */
export const schedule = dimension('mart.dim_maintenance_schedule', {
  columns: {
    vehicle_id: z.string(),
    oil_every_km: z.number().positive().nullable(),
    oil_every_days: z.int32().positive().nullable(),
    brakes_every_km: z.number().positive().nullable(),
    tyres_every_km: z.number().positive().nullable(),
    inspection_every_days: z.int32().positive().nullable(),
    inspection_every_engine_hours: z.number().positive().nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: vehicle,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

/** Public holidays of all regions, known years ahead. */
export const dates = lookupTable('mart.dim_date', {
  columns: { date: z.iso.date(), is_holiday: z.boolean(), holiday: z.string().nullable() },
  day: 'date',
  knownAhead: true,
})

const shipmentColumns = {
  shipment_id: z.string(),
  customer_id: z.string(),
  vehicle_id: z.string(),
  route_id: z.string(),
  origin_id: z.string().nullable(),
  destination_id: z.string().nullable(),
  distance_km: z.number().positive().nullable(),
  weight_kg: z.number().nonnegative().nullable(),
  price: decimal(12, 2).nullable(),
  picked_up_at: z.date(),
  promised_at: z.date().nullable(),
}

/** How far a haul is, by its lower edges in km. */
export const HAULS = { local: 0, regional: 60, long: 200 } as const

/** Shipments from pick-up to delivery. What is known of them at pick-up counts from then on. */
export const shipments = intervals('mart.fact_shipment', {
  columns: { ...shipmentColumns, delivered_at: z.date().nullable() },
  entities: [shipment, customer, vehicle, route],
  start: 'picked_up_at',
  end: 'delivered_at',
  checks: (c) => ({
    one_row_per_shipment: c.unique('shipment_id', { severity: 'error' }),
    customer_known: c.relationship(customers, { customer_id: 'customer_id' }),
    vehicle_known: c.relationship(vehicles, { vehicle_id: 'vehicle_id' }, { asOf: 'picked_up_at' }),
    route_known: c.relationship(routes, { route_id: 'route_id' }, { asOf: 'picked_up_at' }),
    delivered_after_pickup: c.rows((r) => r.delivered_at.ge(r.picked_up_at)),
    promised_after_pickup: c.rows((r) => r.promised_at.gt(r.picked_up_at)),
    capacity_not_exceeded: c.sql(`
      SELECT s.shipment_id, s.weight_kg, v.capacity_kg
      FROM mart.fact_shipment AS s
      JOIN mart.dim_vehicle AS v ON v.vehicle_id = s.vehicle_id
        AND s.picked_up_at >= v.valid_from AND (v.valid_to IS NULL OR s.picked_up_at < v.valid_to)
      WHERE s.weight_kg > v.capacity_kg`),
    arrivals_scanned: c.aggregate((f) => f.share((r) => r.delivered_at.isNull()), { atMost: 0.05 }),
  }),
}).with((r) => ({ haul: bands(r.distance_km, HAULS) }))

/** Shipments that have arrived, as events of their delivery: how late they were is known from then on. */
export const deliveries = fact('mart.fact_delivery', {
  columns: {
    ...shipmentColumns,
    picked_up_at: z.date().nullable(), // the scan at the pick-up may be missing
    delivered_at: z.date(),
    delay_minutes: z.number().nullable(),
    driven_minutes: z.number().nullable(),
    late: z.boolean().nullable(),
  },
  entities: [
    shipment,
    customer,
    vehicle,
    route,
    location.from({ location_id: 'destination_id' }), // deliveries of a location are those that arrive there
  ],
  eventTime: 'delivered_at',
  sequence: 'shipment_id',
}).with((r) => ({
  on_time: caseWhen(r.late, 0).when(r.late.not(), 1).otherwise(null),
  haul: bands(r.distance_km, HAULS),
}))

/** Readings of the vehicles. Counters may begin anew, so what was driven and run is the increase from reading to reading. */
export const telemetry = fact('mart.fact_vehicle_telemetry', {
  columns: {
    vehicle_id: z.string(),
    recorded_at: z.date(),
    odometer_km: z.number().nonnegative().nullable(),
    engine_hours: z.number().nonnegative().nullable(),
    fuel_l: z.number().nonnegative().nullable(),
    speed_kmh: z.number().nonnegative().nullable(),
    engine_temp_c: z.number().nullable(),
    fault_code: z.string().nullable(),
  },
  entities: [vehicle],
  eventTime: 'recorded_at',
  checks: (c) => ({
    vehicle_known: c.relationship(vehicles, { vehicle_id: 'vehicle_id' }),
    odometer_read: c.aggregate((f) => f.share((r) => r.odometer_km.isNull()), { atMost: 0.01 }),
  }),
}).with((r) => ({
  driven_km: r.increase('odometer_km'),
  ran_hours: r.increase('engine_hours'),
  fault: r.fault_code.isNull().not(),
}))

/** What was done in the workshop. A breakdown was not planned. */
export const workOrders = fact('mart.fact_maintenance', {
  columns: {
    work_order_id: z.string(),
    vehicle_id: z.string(),
    kind: z.enum(['oil', 'brakes', 'tyres', 'inspection', 'breakdown']),
    performed_at: z.date(),
    cost: decimal(12, 2).nullable(),
  },
  entities: [vehicle],
  eventTime: 'performed_at',
  sequence: 'work_order_id',
  checks: (c) => ({
    one_row_per_order: c.unique('work_order_id', { severity: 'error' }),
    vehicle_known: c.relationship(vehicles, { vehicle_id: 'vehicle_id' }),
  }),
})

export const oil = event('oil', workOrders, { where: (r) => r.kind.eq('oil') })
export const brakes = event('brakes', workOrders, { where: (r) => r.kind.eq('brakes') })
export const tyres = event('tyres', workOrders, { where: (r) => r.kind.eq('tyres') })
export const inspection = event('inspection', workOrders, { where: (r) => r.kind.eq('inspection') })
export const breakdown = event('breakdown', workOrders, { where: (r) => r.kind.eq('breakdown') })
export const service = event('service', workOrders, { where: (r) => r.kind.ne('breakdown') })

/** What a vehicle carried on each UTC day on which it picked up shipments, known when the day is over. */
export const utilization = fact('mart.fact_vehicle_utilization', {
  columns: {
    vehicle_id: z.string(),
    day_end: z.date(),
    shipments: z.int32().nonnegative(),
    loaded_kg: z.number().nonnegative().nullable(),
    load_share: z.number().nonnegative().nullable(),
    planned_km: z.number().nonnegative().nullable(),
  },
  entities: [vehicle],
  eventTime: 'day_end',
})

/** The road of a route: traffic and weather, hour by hour. */
export const conditions = fact('mart.fact_route_conditions', {
  columns: {
    route_id: z.string(),
    observed_at: z.date(),
    congestion: z.number().min(0).max(1).nullable(),
    roadworks: z.int32().nonnegative().nullable(),
    rain_mm: z.number().nonnegative().nullable(),
    condition: z.enum(['dry', 'rain', 'snow', 'storm']).nullable(),
  },
  entities: [route],
  eventTime: 'observed_at',
})
