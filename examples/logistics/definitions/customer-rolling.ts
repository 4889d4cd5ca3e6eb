import { featureView } from '@martlet/feature-store'
import { customer, customers, deliveries, nightly, shipments, ZONE } from './mart.ts'

/** What a customer has sent. */
export const customerRolling = featureView('customer_rolling', {
  description: 'Shipments, revenue and weight of a customer over local days',
  of: customer,
  from: shipments,
  population: customers,
  ...nightly,
  features: (f) => ({
    shipments: f.count().overDays(1, 7, 28, 90),
    revenue: f.sum('price').overDays(1, 7, 28, 90),
    weight_kg: f.sum('weight_kg').overDays(1, 7, 28, 90),
    price: f.mean('price').overDays(28, 90),
    price_per_kg: f.ratio(f.sum('price'), f.sum('weight_kg')).overDays(90),
    distance_km: f.sum('distance_km').overDays(28),
    heaviest_kg: f.max('weight_kg').overDays(90),
    routes: f.distinct('route_id').overDays(90),
    vehicles: f.distinct('vehicle_id').overDays(90),
    usual_route: f.mostFrequent('route_id').overDays(90),
    in_transit: f.count().open(),
    transit_days: f.overlap().overDays(28),
    billed: f.sum('price').previous('month'),
    billing: f.sum('price').toDate('month'),
  }),
  derive: (v) => ({ momentum: v.shipments_7days.div(v.shipments_28days.div(4)) }),
})

/** How punctual a customer has been served. */
export const customerService = featureView('customer_service', {
  description: 'Punctuality of a customer’s deliveries over local days',
  of: customer,
  from: deliveries,
  population: customers,
  ...nightly,
  features: (f) => ({
    deliveries: f.count().overDays(1, 7, 28, 90),
    late: f
      .count()
      .where((r) => r.late)
      .overDays(7, 28, 90),
    on_time: f.mean('on_time').overDays(7, 28, 90),
    delay_minutes: f.mean('delay_minutes').overDays(7, 28, 90),
    worst_delay: f.max('delay_minutes').overDays(28),
    last_late: f.last('late'),
    all_late: f.all((r) => r.late).overLast(3),
  }),
})

/** What a customer is, as of T. */
export const customerProfile = featureView('customer_profile', {
  description: 'The attributes of a customer',
  of: customer,
  from: customers,
  every: '1d',
  zone: ZONE,
  ttl: '3d',
  features: (f) => ({
    segment: f.attribute('segment'),
    tier: f.attribute('tier'),
    depot_id: f.attribute('depot_id'),
    credit_limit: f.attribute('credit_limit'),
  }),
})
