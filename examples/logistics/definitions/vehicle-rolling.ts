import { featureView, T, days } from '@martlet/feature-store'
import { nightly, telemetry, utilization, vehicle, vehicles, ZONE } from './mart.ts'

/** How a vehicle has been driven, by its own counters. */
export const vehicleRolling = featureView('vehicle_rolling', {
  description: 'Distance, engine hours, fuel and faults of a vehicle over local days',
  of: vehicle,
  from: telemetry,
  population: vehicles,
  ...nightly,
  features: (f) => ({
    distance_km: f.sum('driven_km').overDays(1, 7, 28, 90),
    week_before_km: f.sum('driven_km').overDays(7).shift(7),
    engine_hours: f.sum('ran_hours').overDays(1, 7, 28, 90),
    fuel_l: f.sum('fuel_l').overDays(1, 7, 28, 90),
    litres_per_km: f.ratio(f.sum('fuel_l'), f.sum('driven_km')).overDays(7, 28, 90),
    faults: f
      .count()
      .where((r) => r.fault)
      .overDays(1, 7, 28, 90),
    fault_kinds: f.distinct('fault_code').overDays(28),
    last_fault: f.last('fault_code').where((r) => r.fault),
    fault_age: f.age().where((r) => r.fault),
    hottest_c: f.max('engine_temp_c').overDays(1, 7),
    temperature_c: f.mean('engine_temp_c').overDays(7, 28),
    temperature_spread: f.stddev('engine_temp_c').overDays(28),
    speed_p90: f.percentile('speed_kmh', 0.9).overDays(7),
    standing: f
      .count()
      .where((r) => r.speed_kmh.eq(0).and(r.ran_hours.gt(0)))
      .overDays(7),
    readings: f.count().overDays(1, 7),
    days_silent: f.age(),
  }),
  derive: (v) => ({
    fuel_per_100km_7: v.litres_per_km_7days.mul(100),
    fuel_per_100km_28: v.litres_per_km_28days.mul(100),
    fuel_per_100km_90: v.litres_per_km_90days.mul(100),
    km_per_hour: v.distance_km_28days.div(v.engine_hours_28days),
    km_per_day: v.distance_km_28days.div(28),
    momentum: v.distance_km_7days.div(v.week_before_km_7days),
    faults_per_1000km: v.faults_90days.div(v.distance_km_90days).mul(1000),
  }),
})

/** What a vehicle has carried. The days are UTC days, of which a local day contains exactly one end. */
export const vehicleLoad = featureView('vehicle_load', {
  description: 'Shipments, load and idle days of a vehicle',
  of: vehicle,
  from: utilization,
  population: vehicles,
  ...nightly,
  features: (f) => ({
    shipments: f.sum('shipments').overDays(1, 7, 28, 90),
    loaded_kg: f.sum('loaded_kg').overDays(1, 7, 28, 90),
    load_share: f.mean('load_share').overDays(7, 28, 90),
    fullest: f.max('load_share').overDays(28),
    planned_km: f.sum('planned_km').overDays(7, 28),
    active_days: f.count().overDays(1, 7, 28, 90),
    overloaded_days: f
      .count()
      .where((r) => r.load_share.gt(1))
      .overDays(28),
  }),
  derive: (v) => ({
    idle_days_7: v.active_days_7days.mul(-1).add(7),
    idle_days_28: v.active_days_28days.mul(-1).add(28),
    idle_days_90: v.active_days_90days.mul(-1).add(90),
    utilization: v.active_days_28days.div(28),
  }),
})

/** What a vehicle is, as of T. */
export const vehicleProfile = featureView('vehicle_profile', {
  description: 'The attributes of a vehicle, its age and its home',
  of: vehicle,
  from: vehicles,
  every: '1d',
  zone: ZONE,
  ttl: '3d',
  features: (f) => ({
    vehicle_type: f.attribute('vehicle_type'),
    capacity_kg: f.attribute('capacity_kg'),
    status: f.attribute('status'),
    home_site_id: f.attribute('home_site_id'),
    commissioned_on: f.attribute('commissioned_on'),
  }),
  derive: (v) => ({ age_days: days(v.commissioned_on, T) }),
})
