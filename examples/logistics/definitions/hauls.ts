import { bands, caseWhen, featureView } from '@martlet/feature-store'
import {
  customer,
  customers,
  deliveries,
  HAULS,
  location,
  locations,
  nightly,
  route,
  routes,
  traffic,
  vehicle,
  vehicles,
  weather,
  ZONE,
} from './mart.ts'

/** Which class of route it is: how far, how busy, how punctual, between which regions. */
export const routeClass = featureView('route_class', {
  description: 'Distance band, traffic and class of a route',
  of: route,
  from: deliveries,
  population: routes,
  ...nightly,
  features: (f) => ({
    distance_km: f.attribute(routes, 'distance_km'),
    origin_region: f.via(routes, 'origin_id').attribute(locations, 'region'),
    destination_region: f.via(routes, 'destination_id').attribute(locations, 'region'),
    destination_kind: f.via(routes, 'destination_id').attribute(locations, 'kind'),
    deliveries: f.count().overDays(90),
    on_time: f.mean('on_time').overDays(90),
  }),
  derive: (v) => ({
    haul: bands(v.distance_km, HAULS),
    volume: bands(v.deliveries_90days, { rare: 0, weekly: 12, daily: 60 }),
    crossing: v.origin_region.ne(v.destination_region),
    route_class: caseWhen(v.distance_km.ge(HAULS.long).and(v.deliveries_90days.ge(12)), 'trunk')
      .when(v.distance_km.ge(HAULS.long), 'special')
      .when(v.deliveries_90days.ge(60), 'milk_run')
      .otherwise('distribution'),
  }),
  among: (v, everybody) => ({
    punctual_rank: everybody.rank(v.on_time_90days, { within: v.destination_region }),
    busy_tenth: everybody.quantile(v.deliveries_90days, 10),
  }),
})

/** How punctual a vehicle is on hauls of each class. */
export const vehicleHauls = featureView('vehicle_hauls', {
  description: 'Deliveries and punctuality of a vehicle by class of haul',
  of: vehicle,
  from: deliveries,
  population: vehicles,
  ...nightly,
  features: (f) => ({
    deliveries: f.count().by('haul', ['local', 'regional', 'long'], { rest: true }).overDays(90),
    on_time: f.mean('on_time').by('haul', ['local', 'regional', 'long']).overDays(90),
    delay_minutes: f.mean('delay_minutes').overDays(7, 28),
    usual_haul: f.mostFrequent('haul').overDays(90),
  }),
})

/** How punctual a customer is served on hauls of each class. */
export const customerHauls = featureView('customer_hauls', {
  description: 'Deliveries and punctuality of a customer by class of haul',
  of: customer,
  from: deliveries,
  population: customers,
  ...nightly,
  features: (f) => ({
    deliveries: f.count().by('haul', ['local', 'regional', 'long']).overDays(90),
    on_time: f.mean('on_time').by('haul', ['local', 'regional', 'long']).overDays(90),
    weight_kg: f.sum('weight_kg').by('haul', ['local', 'regional', 'long']).overDays(90),
  }),
})

/** A place, and the weather and traffic of its region, as of T. */
export const place = featureView('place', {
  description: 'Kind and region of a location, with the weather and traffic there',
  of: location,
  from: locations,
  every: '3h',
  zone: ZONE,
  ttl: '12h',
  features: (f) => {
    const there = f.via(locations, 'region')
    return {
      kind: f.attribute('kind'),
      region: f.attribute('region'),
      condition: there.attribute(weather, 'condition'),
      temperature_c: there.attribute(weather, 'temperature_c'),
      rain_mm: there.attribute(weather, 'rain_mm'),
      wind_kmh: there.attribute(weather, 'wind_kmh'),
      congestion: there.attribute(traffic, 'congestion'),
      roadworks: there.attribute(traffic, 'roadworks'),
    }
  },
  derive: (v) => ({
    slippery: v.condition.oneOf('snow', 'storm').or(v.temperature_c.lt(0).and(v.rain_mm.gt(0))),
  }),
})

/** What arrives at a place. */
export const arrivals = featureView('arrivals', {
  description: 'Deliveries at a location and their punctuality',
  of: location,
  from: deliveries,
  ...nightly,
  features: (f) => ({
    deliveries: f.count().overDays(7, 28),
    on_time: f.mean('on_time').overDays(28),
    delay_minutes: f.mean('delay_minutes').overDays(28),
  }),
})
