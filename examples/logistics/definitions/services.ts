import { days, featureService, featureView, onDemand, request } from '@martlet/feature-store'
import { z } from 'zod'
import { customerProfile, customerRolling, customerService } from './customer-rolling.ts'
import { arrivals, customerHauls, place, routeClass, vehicleHauls } from './hauls.ts'
import { maintenance, workshop } from './maintenance.ts'
import { dates, ZONE } from './mart.ts'
import { routeConditions, routeProfile, routeRolling } from './route-rolling.ts'
import { customerRfm, customerSegments } from './segments.ts'
import { vehicleLoad, vehicleProfile, vehicleRolling } from './vehicle-rolling.ts'

/** The day, the same for everybody. */
export const calendar = featureView('calendar', {
  every: '1d',
  zone: ZONE,
  features: (f) => ({
    weekday: f.calendar('dayOfWeek'),
    month: f.calendar('month'),
    weekend: f.calendar('isWeekend'),
    holiday: f.lookup(dates, 'is_holiday'),
    holiday_tomorrow: f.lookup(dates, 'is_holiday', { at: '+1d' }),
  }),
})

/** What is known of a shipment before it leaves. */
export const plannedShipment = request({
  planned_load_kg: z.number().nonnegative(),
  planned_departure: z.date(),
  promised_at: z.date(),
})

/** How full, how tight and how slow the trip will be. */
export const trip = onDemand('trip', {
  of: [
    vehicleProfile.pick('capacity_kg'),
    vehicleHauls.pick('delay_minutes_7days'),
    routeProfile.pick('planned_minutes', 'distance_km'),
    routeRolling.pick('driven_minutes_28days', 'delay_minutes_28days'),
    routeConditions.pick('congestion'),
    customerProfile.pick('tier'),
  ],
  request: plannedShipment,
  derive: (v, r) => {
    const usual = v.route_rolling__driven_minutes_28days.coalesce(v.route_profile__planned_minutes)
    const congested = v.route_conditions__congestion.coalesce(0).mul(-1).add(1)
    const expected = v.route_profile__planned_minutes.div(congested)
    const promised = days(r.planned_departure, r.promised_at).mul(24 * 60)
    const load = r.planned_load_kg.div(v.vehicle_profile__capacity_kg)
    return {
      load_share: load,
      overloaded: load.gt(1),
      load_tonne_km: r.planned_load_kg.mul(v.route_profile__distance_km).div(1000),
      promised_minutes: promised,
      usual_minutes: usual,
      expected_minutes: expected,
      slack_minutes: promised.sub(expected),
      usual_slack_minutes: promised.sub(usual),
      premium: v.customer_profile__tier.eq('premium'),
    }
  },
})

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'short', hour: '2-digit', hourCycle: 'h23' })
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** When the trip begins, by the carrier's clock. */
export const departure = onDemand('departure', {
  of: [],
  request: plannedShipment,
  version: '1',
  output: { hour: z.int(), weekday: z.int(), rush_hour: z.boolean() },
  compute: ({ request: asked }) => {
    const parts = new Map(clock.formatToParts(asked.planned_departure).map(({ type, value }) => [type, value]))
    const hour = Number(parts.get('hour'))
    const weekday = 1 + WEEKDAYS.indexOf(parts.get('weekday') ?? '')
    return { hour, weekday, rush_hour: weekday <= 5 && [7, 8, 16, 17, 18].includes(hour) }
  },
})

const origin = place.via(routeProfile, 'origin_id').as('origin')
const destination = place.via(routeProfile, 'destination_id').as('destination')
const there = ['region', 'condition', 'rain_mm', 'congestion', 'roadworks', 'slippery'] as const

/** Whether a vehicle will fail. */
export const maintenanceRisk = featureService(
  'maintenance_risk',
  [
    vehicleProfile.pick('vehicle_type', 'capacity_kg', 'age_days'),
    vehicleRolling.pick(
      'distance_km_7days',
      'distance_km_28days',
      'distance_km_90days',
      'engine_hours_28days',
      'fuel_per_100km_7',
      'fuel_per_100km_90',
      'faults_1day',
      'faults_7days',
      'faults_28days',
      'faults_90days',
      'fault_kinds_28days',
      'fault_age',
      'hottest_c_7days',
      'temperature_c_7days',
      'temperature_c_28days',
      'temperature_spread_28days',
      'momentum',
    ),
    vehicleLoad.pick('load_share_28days', 'idle_days_28', 'overloaded_days_28days'),
    maintenance.pick(
      'km_since_oil',
      'km_since_brakes',
      'km_since_tyres',
      'km_since_inspection',
      'km_since_breakdown',
      'hours_since_inspection',
      'hours_since_breakdown',
      'days_since_oil',
      'days_since_brakes',
      'days_since_tyres',
      'days_since_inspection',
      'breakdown_age',
      'faults_since_service',
      'fault_kinds_since_service',
      'hottest_c_since_service',
      'recent_faults_100_engine_hours',
      'recent_faults_250_engine_hours',
      'recent_fuel_l_1000_odometer_km',
      'km_per_day',
      'hours_per_day',
      'oil_km_left',
      'oil_days_left',
      'brakes_km_left',
      'tyres_km_left',
      'inspection_days_left',
      'inspection_hours_left',
      'oil_overdue',
      'brakes_overdue',
      'tyres_overdue',
      'inspection_overdue',
      'days_until_due',
    ),
    workshop,
    calendar.pick('month'),
  ],
  { owner: 'fleet' },
)

/** How late a shipment will be: of vehicle, route and customer, with the places that the route leads to and what is planned. */
export const deliveryDelay = featureService(
  'delivery_delay',
  [
    vehicleProfile.pick('vehicle_type', 'capacity_kg', 'age_days'),
    vehicleRolling.pick('distance_km_1day', 'distance_km_7days', 'faults_7days', 'faults_28days'),
    vehicleLoad.pick('load_share_7days', 'shipments_1day', 'shipments_7days'),
    vehicleHauls.pick('on_time_local_90days', 'on_time_regional_90days', 'on_time_long_90days', 'delay_minutes_7days'),
    maintenance.pick('days_until_due'),
    routeProfile.pick('distance_km', 'planned_minutes', 'planned_kmh'),
    routeRolling.pick(
      'deliveries_28days',
      'on_time_7days',
      'on_time_28days',
      'on_time_90days',
      'delay_minutes_7days',
      'delay_minutes_28days',
      'delay_minutes_90days',
      'delay_spread_28days',
      'delay_p90_28days',
      'recent_delay_last5',
      'getting_later',
    ),
    routeConditions,
    routeClass.pick('haul', 'volume', 'crossing', 'route_class'),
    customerProfile.pick('tier', 'segment'),
    customerRolling.pick('shipments_28days', 'weight_kg_28days', 'in_transit_open'),
    customerService.pick('on_time_28days', 'delay_minutes_28days'),
    customerSegments.pick('rfm', 'behaviour'),
    origin.pick(...there),
    destination.pick(...there),
    arrivals.via(routeProfile, 'destination_id').pick('deliveries_7days', 'on_time_28days', 'delay_minutes_28days'),
    calendar.pick('month', 'holiday', 'holiday_tomorrow'),
    trip,
    departure,
  ],
  { owner: 'dispatch' },
)

/** What a dispatcher sees of a vehicle. */
export const fleetOverview = featureService(
  'fleet_overview',
  [
    vehicleProfile,
    vehicleRolling,
    vehicleLoad,
    vehicleHauls,
    maintenance,
    workshop,
    place.via(vehicleProfile, 'home_site_id').as('home'),
  ],
  { owner: 'fleet' },
)

/** What the sales desk sees of a customer. */
export const customerOverview = featureService(
  'customer_overview',
  [customerProfile, customerRolling, customerService, customerRfm, customerSegments, customerHauls],
  { owner: 'sales' },
)

/** What the planners see of a route. */
export const routeOverview = featureService(
  'route_overview',
  [routeProfile, routeRolling, routeClass, routeConditions, origin, destination],
  { owner: 'planning' },
)
