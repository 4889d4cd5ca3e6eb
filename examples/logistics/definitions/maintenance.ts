import { caseWhen, days, featureView, T, type NumberExpression } from '@martlet/feature-store'
import {
  brakes,
  breakdown,
  inspection,
  nightly,
  oil,
  schedule,
  service,
  telemetry,
  tyres,
  vehicle,
  vehicles,
  workOrders,
} from './mart.ts'

/** Longer than any vehicle runs, days: what is due by no measure. */
const NEVER = 1_000_000

/** Wear since each kind of service, and when the next one is due. Of a kind that was never done it is that since the start. */
export const maintenance = featureView('maintenance', {
  description: 'Days, km and engine hours since each service, what is overdue, and days until the next is due',
  of: vehicle,
  from: telemetry,
  population: vehicles,
  ...nightly,
  features: (f) => {
    const km = f.sum('driven_km')
    const hours = f.sum('ran_hours')
    const faults = f.count().where((r) => r.fault)
    const start = { otherwise: 'lifetime' } as const
    const kinds = [oil, brakes, tyres, inspection, breakdown] as const
    return {
      km: km.since(kinds, start),
      hours: hours.since(kinds, start),
      oil_age: f.age(oil),
      brakes_age: f.age(brakes),
      tyres_age: f.age(tyres),
      inspection_age: f.age(inspection),
      breakdown_age: f.age(breakdown),
      faults: faults.since(service, start),
      fault_kinds: f.distinct('fault_code').since(service, start),
      hottest_c: f.max('engine_temp_c').since(service, start),
      recent_faults: faults.along('engine_hours', 100, 250),
      recent_fuel_l: f.sum('fuel_l').along('odometer_km', 1000),
      lately_km: km.overDays(28),
      lately_hours: hours.overDays(28),
      commissioned_on: f.attribute(vehicles, 'commissioned_on'),
      oil_every_km: f.attribute(schedule, 'oil_every_km'),
      oil_every_days: f.attribute(schedule, 'oil_every_days'),
      brakes_every_km: f.attribute(schedule, 'brakes_every_km'),
      tyres_every_km: f.attribute(schedule, 'tyres_every_km'),
      inspection_every_days: f.attribute(schedule, 'inspection_every_days'),
      inspection_every_engine_hours: f.attribute(schedule, 'inspection_every_engine_hours'),
    }
  },
  derive: (v) => {
    const life = days(v.commissioned_on, T)
    const oilDays = v.oil_age.coalesce(life)
    const inspectionDays = v.inspection_age.coalesce(life)
    const kmPerDay = v.lately_km_28days.div(28)
    const hoursPerDay = v.lately_hours_28days.div(28)
    const left = {
      oil_km_left: v.oil_every_km.sub(v.km_since_oil),
      oil_days_left: v.oil_every_days.sub(oilDays),
      brakes_km_left: v.brakes_every_km.sub(v.km_since_brakes),
      tyres_km_left: v.tyres_every_km.sub(v.km_since_tyres),
      inspection_days_left: v.inspection_every_days.sub(inspectionDays),
      inspection_hours_left: v.inspection_every_engine_hours.sub(v.hours_since_inspection),
    }
    // Days until each is due, at the rate of the last four weeks. What is due by no such measure, or does not move, is never.
    const due = (measure: NumberExpression<null>) => measure.coalesce(NEVER)
    const soonest = due(left.oil_days_left).least(
      due(left.inspection_days_left),
      due(left.oil_km_left.div(kmPerDay)),
      due(left.brakes_km_left.div(kmPerDay)),
      due(left.tyres_km_left.div(kmPerDay)),
      due(left.inspection_hours_left.div(hoursPerDay)),
    )
    const over = (measure: NumberExpression<null>) => measure.coalesce(NEVER).lt(0)
    return {
      days_since_oil: oilDays,
      days_since_brakes: v.brakes_age.coalesce(life),
      days_since_tyres: v.tyres_age.coalesce(life),
      days_since_inspection: inspectionDays,
      km_per_day: kmPerDay,
      hours_per_day: hoursPerDay,
      ...left,
      oil_overdue: over(left.oil_km_left).or(over(left.oil_days_left)),
      brakes_overdue: over(left.brakes_km_left),
      tyres_overdue: over(left.tyres_km_left),
      inspection_overdue: over(left.inspection_days_left).or(over(left.inspection_hours_left)),
      days_until_due: caseWhen(soonest.lt(NEVER), soonest).otherwise(null),
    }
  },
})

/** What the workshop has done. */
export const workshop = featureView('workshop', {
  description: 'Services, breakdowns and their costs',
  of: vehicle,
  from: workOrders,
  population: vehicles,
  ...nightly,
  features: (f) => ({
    orders: f.count().by('kind').over('365d'),
    breakdowns: f
      .count()
      .where((r) => r.kind.eq('breakdown'))
      .over('90d', '180d'),
    cost: f.sum('cost').over('90d', '365d'),
    dearest: f.max('cost').lifetime(),
    last_kind: f.last('kind'),
    days_between: f.mean((r) => r.sincePrevious()).over('365d'),
  }),
})
