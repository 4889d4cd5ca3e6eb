import { bands, caseWhen, featureService, featureView, label } from '@martlet/feature-store'
import { customer, customers, holidays, usage } from './mart.ts'

/** All definitions of the example, for days of one zone. */
export type EnergyDefinitions = ReturnType<typeof energyDefinitions>

/** The days that a forecast looks ahead at most. */
export const HORIZON = 7

/** The feature views, the services that the forecasts read and the labels that they learn, for meters in `zone`. */
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
      // Local days, of 23 or 25 hours where clocks change.
      kwh: f.sum('consumption_kwh').overDays(1, 7),
      total: f.sum('consumption_kwh').over('28d'),
      mean: f.mean('consumption_kwh').over('7d', '14d', '28d'),
      evening: f.sum('consumption_kwh').over('6h'),
      spread: f.stddev('consumption_kwh').over('7d'),
      peak: f.max('consumption_kwh').over('7d'),
      base: f.min('consumption_kwh').over('7d'),
      trend: f.slope('consumption_kwh').over('28d'),
      unit_cost: f.ratio(f.sum('cost'), f.sum('consumption_kwh')).over('28d'),
      readings: f.count().over('7d'),
      days_silent: f.age(),
      holiday: f.lookup(holidays, 'name'),
      holiday_before: f.lookup(holidays, 'name', { at: '-1d' }),
    }),
    derive: (v) => ({
      daily: v.total_28d.div(28),
      momentum: v.kwh_7days.div(v.total_28d.div(4)),
      tier: bands(v.total_28d, { low: 0, medium: 28 * 6, high: 28 * 15, very_high: 28 * 40 }),
      // What a holiday changes grows with the customer.
      holiday_level: caseWhen(v.holiday.isNull(), 0).otherwise(v.mean_28d),
      holiday_before_level: caseWhen(v.holiday_before.isNull(), 0).otherwise(v.mean_28d),
    }),
    among: (v, everybody) => ({ fifth: everybody.quantile(v.total_28d, 5) }),
  })

  const seasonal = featureView('customer_season', {
    description:
      'The days of last week one by one, and the same weekday of earlier weeks, seen from the day that begins at T',
    of: customer,
    from: usage,
    every: '1d',
    zone,
    ttl: '3d',
    repair: '3d',
    features: (f) => ({
      day: f.sum('consumption_kwh').over('1d').series(HORIZON),
      two_weeks_ago: f.sum('consumption_kwh').over('1d').shift('13d'),
      three_weeks_ago: f.sum('consumption_kwh').over('1d').shift('20d'),
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
    description: 'The day that begins at T, and the holidays around it',
    every: '1d',
    zone,
    features: (f) => ({
      day_of_week: f.calendar('dayOfWeek'),
      month: f.calendar('month'),
      weekend: f.calendar('isWeekend'),
      holiday: f.lookup(holidays, 'name'),
      holiday_next: f.lookup(holidays, 'name', { at: '+1d' }),
    }),
    derive: (v) => ({ workday: v.weekend.not().and(v.holiday.isNull()) }),
  })

  const level = recent.pick(
    'kwh_1day',
    'mean_7d',
    'mean_14d',
    'mean_28d',
    'evening_6h',
    'spread_7d',
    'peak_7d',
    'base_7d',
    'trend_28d',
    'days_silent',
    'holiday_level',
    'holiday_before_level',
  )
  const weekday = calendar.pick('day_of_week', 'weekend')
  const nextDay = featureService('next_day_consumption', [
    level,
    seasonal.pick(
      'day_1d_7',
      'two_weeks_ago_1d',
      'three_weeks_ago_1d',
      'day_1d_2',
      'eight_days_ago_1d',
      'evening_before_6h',
      'evening_week_ago_6h',
      'week_before_7d',
    ),
    weekday,
  ])
  const nextWeek = featureService('next_week_consumption', [level, seasonal, weekday])
  const customerCard = featureService('customer_card', [recent, profile, calendar])

  const nextDayKwh = label('next_day_kwh', {
    of: customer,
    from: usage,
    value: (f) => f.sum('consumption_kwh').ahead('1d'),
  })
  const nextWeekKwh = label('next_week_kwh', {
    of: customer,
    from: usage,
    value: (f) => f.sum('consumption_kwh').ahead('1d').steps(HORIZON),
  })

  return {
    views: [recent, seasonal, profile, calendar],
    services: [nextDay, nextWeek, customerCard],
    labels: [nextDayKwh, nextWeekKwh],
    recent,
    seasonal,
    profile,
    calendar,
    nextDay,
    nextWeek,
    customerCard,
    nextDayKwh,
    nextWeekKwh,
  }
}
