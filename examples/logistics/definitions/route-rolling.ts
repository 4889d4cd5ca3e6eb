import { featureView } from '@martlet/feature-store'
import { conditions, deliveries, nightly, route, routes, ZONE } from './mart.ts'

/** How a route has gone. */
export const routeRolling = featureView('route_rolling', {
  description: 'Deliveries, punctuality and speed of a route over local days',
  of: route,
  from: deliveries,
  population: routes,
  ...nightly,
  features: (f) => ({
    deliveries: f.count().overDays(1, 7, 28, 90),
    on_time: f.mean('on_time').overDays(1, 7, 28, 90),
    delay_minutes: f.mean('delay_minutes').overDays(1, 7, 28, 90),
    delay_spread: f.stddev('delay_minutes').overDays(28, 90),
    delay_p90: f.percentile('delay_minutes', 0.9).overDays(28),
    worst_delay: f.max('delay_minutes').overDays(28),
    recent_delay: f.mean('delay_minutes').overLast(5),
    driven_minutes: f.mean('driven_minutes').overDays(7, 28, 90),
    minutes_per_km: f.ratio(f.sum('driven_minutes'), f.sum('distance_km')).overDays(28),
    weight_kg: f.sum('weight_kg').overDays(7, 28),
    vehicles: f.distinct('vehicle_id').overDays(28),
    days_quiet: f.age(),
  }),
  derive: (v) => ({ getting_later: v.delay_minutes_7days.sub(v.delay_minutes_90days) }),
})

/** The road now: what was observed lately. */
export const routeConditions = featureView('route_conditions', {
  description: 'Traffic and weather on a route',
  of: route,
  from: conditions,
  every: '3h',
  zone: ZONE,
  ttl: '12h',
  features: (f) => ({
    congestion: f.last('congestion'),
    roadworks: f.last('roadworks'),
    condition: f.last('condition'),
    congestion_mean: f.mean('congestion').over('24h', '7d'),
    congestion_max: f.max('congestion').over('24h'),
    rain_mm: f.sum('rain_mm').over('6h', '24h'),
    storm: f.any((r) => r.condition.oneOf('storm', 'snow')).over('24h'),
  }),
  derive: (v) => ({ unusual: v.congestion.sub(v.congestion_mean_7d) }),
})

/** What is planned for a route, as of T. */
export const routeProfile = featureView('route_profile', {
  description: 'The plan of a route',
  of: route,
  from: routes,
  every: '1d',
  zone: ZONE,
  ttl: '3d',
  features: (f) => ({
    origin_id: f.attribute('origin_id'),
    destination_id: f.attribute('destination_id'),
    distance_km: f.attribute('distance_km'),
    planned_minutes: f.attribute('planned_minutes'),
  }),
  derive: (v) => ({ planned_kmh: v.distance_km.div(v.planned_minutes).mul(60) }),
})
