import { caseWhen, featureService, featureView, label } from '@martlet/feature-store'
import { customer, customers, usage } from './mart.ts'

/** All definitions of the example, for days of one zone. */
export type EnergyDefinitions = ReturnType<typeof energyDefinitions>

/** The feature views, the service that the forecast reads and the label that it learns, for meters in `zone`. */
export function energyDefinitions(zone: string) {
  const recent = featureView('customer_usage', {
    description: 'Rolling consumption, its spread and its trend',
    of: customer,
    from: usage,
    every: '1d',
    zone,
    ttl: '3d',
    repair: '3d',
    features: (f) => ({
      kwh: f.sum('consumption_kwh').over('1d', '7d', '14d', '28d'),
      mean: f.mean('consumption_kwh').over('7d', '14d', '28d'),
      evening: f.sum('consumption_kwh').over('6h'),
      spread: f.stddev('consumption_kwh').over('7d'),
      peak: f.max('consumption_kwh').over('7d'),
      base: f.min('consumption_kwh').over('7d'),
      trend: f.slope('consumption_kwh').over('28d'),
      unit_cost: f.ratio(f.sum('cost'), f.sum('consumption_kwh')).over('28d'),
      readings: f.count().over('7d'),
      days_silent: f.age(),
    }),
    derive: (v) => ({
      daily: v.kwh_28d.div(28),
      momentum: v.kwh_7d.div(v.kwh_28d.div(4)),
      tier: caseWhen(v.kwh_28d.ge(28 * 40), 'very_high')
        .when(v.kwh_28d.ge(28 * 15), 'high')
        .when(v.kwh_28d.ge(28 * 6), 'medium')
        .otherwise('low'),
    }),
  })

  const seasonal = featureView('customer_season', {
    description: 'The same weekday of earlier weeks, seen from the day that begins at T',
    of: customer,
    from: usage,
    every: '1d',
    zone,
    ttl: '3d',
    repair: '3d',
    features: (f) => ({
      week_ago: f.sum('consumption_kwh').over('1d').shift('6d'),
      two_weeks_ago: f.sum('consumption_kwh').over('1d').shift('13d'),
      three_weeks_ago: f.sum('consumption_kwh').over('1d').shift('20d'),
      day_before: f.sum('consumption_kwh').over('1d').shift('1d'),
      eight_days_ago: f.sum('consumption_kwh').over('1d').shift('7d'),
      evening_before: f.sum('consumption_kwh').over('6h').shift('1d'),
      evening_week_ago: f.sum('consumption_kwh').over('6h').shift('7d'),
      week_before: f.sum('consumption_kwh').over('7d').shift('7d'),
    }),
  })

  const profile = featureView('customer_profile', {
    description: 'What is known of a customer at T',
    of: customer,
    from: customers,
    every: '1d',
    zone,
    ttl: '3d',
    features: (f) => ({
      customer_type: f.attribute('customer_type'),
      tariff: f.attribute('tariff'),
      heating_type: f.attribute('heating_type'),
    }),
  })

  const calendar = featureView('calendar', {
    description: 'The day that begins at T',
    every: '1d',
    zone,
    features: (f) => ({
      day_of_week: f.calendar('dayOfWeek'),
      month: f.calendar('month'),
      weekend: f.calendar('isWeekend'),
    }),
  })

  const nextDay = featureService('next_day_consumption', [
    recent.pick(
      'kwh_1d',
      'mean_7d',
      'mean_14d',
      'mean_28d',
      'evening_6h',
      'spread_7d',
      'peak_7d',
      'base_7d',
      'trend_28d',
      'days_silent',
    ),
    seasonal,
    calendar.pick('day_of_week', 'weekend'),
  ])
  const customerCard = featureService('customer_card', [recent, profile, calendar])

  const nextDayKwh = label('next_day_kwh', {
    of: customer,
    from: usage,
    value: (f) => f.sum('consumption_kwh').ahead('1d'),
  })

  return {
    views: [recent, seasonal, profile, calendar],
    services: [nextDay, customerCard],
    labels: [nextDayKwh],
    recent,
    seasonal,
    profile,
    calendar,
    nextDay,
    customerCard,
    nextDayKwh,
  }
}
