import { caseWhen, featureService, featureView, label } from '@martlet/feature-store'
import {
  agreements,
  clockPrices,
  consumption,
  halfHour,
  holidays,
  meterHalfHour,
  meterpoint,
  prices,
  weather,
} from './mart.ts'

/** All definitions of the forecast, for meters in a zone. */
export type ForecastDefinitions = ReturnType<typeof forecastDefinitions>

/** Rows of a day are served half an hour after it has begun, when the readings of the day before are there. */
export const DELAY = '30m'

/** Views, service and label of the forecast of the next 48 half-hours, by days of `zone`. */
export function forecastDefinitions(zone: string) {
  const grid = { every: '1d', zone, delay: DELAY, ttl: '3d', repair: '7d' } as const

  /** What a meterpoint used in the same half-hour of earlier days. Windows are local days, also where clocks change. */
  const halfHours = featureView('half_hours', {
    description:
      'One half-hour of the clock at one meterpoint: the last days, the last weeks, and how much they differ',
    of: meterHalfHour,
    from: consumption,
    ...grid,
    features: (f) => ({
      yesterday: f.mean('kwh').overDays(1),
      two_days_ago: f.mean('kwh').overDays(1).shift(1),
      three_days_ago: f.mean('kwh').overDays(1).shift(2),
      four_days_ago: f.mean('kwh').overDays(1).shift(3),
      five_days_ago: f.mean('kwh').overDays(1).shift(4),
      six_days_ago: f.mean('kwh').overDays(1).shift(5),
      // Seven days before the day that begins at T, so six before the last whole one.
      last_week: f.mean('kwh').overDays(1).shift(6),
      two_weeks_ago: f.mean('kwh').overDays(1).shift(13),
      three_weeks_ago: f.mean('kwh').overDays(1).shift(20),
      level: f.mean('kwh').overDays(7, 28),
      spread: f.stddev('kwh').overDays(28),
      high: f.percentile('kwh', 0.9).overDays(28),
      low: f.percentile('kwh', 0.1).overDays(28),
      weekend: f.calendar('isWeekend'),
      holiday_name: f.lookup(holidays, 'name'),
      temperature: f.lookup(weather, 'temperature'),
      temperature_before: f.lookup(weather, 'temperature', { at: '-1d' }),
      temperature_week_ago: f.lookup(weather, 'temperature', { at: '-7d' }),
    }),
    derive: (v) => ({
      // What weather, weekends and holidays change grows with the consumption.
      warmer: v.level_28days.mul(v.temperature.sub(v.temperature_before)),
      warmer_than_last_week: v.level_28days.mul(v.temperature.sub(v.temperature_week_ago)),
      cold: v.level_28days.mul(v.temperature),
      weekend_level: caseWhen(v.weekend, v.level_28days).otherwise(0),
      holiday_level: caseWhen(v.holiday_name.isNull(), 0).otherwise(v.level_28days),
    }),
  })

  const meters = featureView('meters', {
    description: 'A meterpoint as a whole',
    of: meterpoint,
    from: consumption,
    ...grid,
    features: (f) => ({
      mean: f.mean('kwh').overDays(1, 7, 28),
      peak: f.max('kwh').overDays(1, 7),
      base: f.min('kwh').overDays(1, 7),
      readings: f.count().overDays(1),
    }),
  })

  const contracts = featureView('contracts', {
    description: 'The agreements that hold: their number, their products, and the days that one held of the last weeks',
    of: meterpoint,
    from: agreements,
    ...grid,
    features: (f) => ({
      active: f
        .count()
        .where((r) => r.status.eq('active'))
        .open(),
      night: f
        .count()
        .where((r) => r.status.eq('active').and(r.product_id.eq('NIGHT')))
        .open(),
      variable: f
        .count()
        .where((r) => r.status.eq('active').and(r.product_id.eq('AGILE')))
        .open(),
      covered_days: f.overlap({ union: true }).over('28d'),
      counted_twice: f.overlap().over('28d'),
    }),
  })

  /** What is known ahead of a half-hour of the day that begins. */
  const ahead = featureView('ahead', {
    of: halfHour,
    from: clockPrices,
    every: '1d',
    zone,
    delay: DELAY,
    ttl: '3d',
    features: (f) => ({ pence: f.attribute('pence') }),
  })

  const calendar = featureView('calendar', {
    description: 'The day that begins: weekday, holidays around it, prices of its night and its evening',
    every: '1d',
    zone,
    delay: DELAY,
    features: (f) => ({
      day_of_week: f.calendar('dayOfWeek'),
      holiday: f.lookup(holidays, 'name'),
      holiday_next: f.lookup(holidays, 'name', { at: '+1d' }),
      night_pence: f.lookup(prices, 'pence', { at: '+3h' }),
      evening_pence: f.lookup(prices, 'pence', { at: '+17h' }),
    }),
    derive: (v) => ({ free: v.holiday.isNull().not() }),
  })

  const nextDay = featureService('next_day', [
    halfHours.pick(
      'yesterday_1day',
      'two_days_ago_1day',
      'three_days_ago_1day',
      'four_days_ago_1day',
      'five_days_ago_1day',
      'six_days_ago_1day',
      'last_week_1day',
      'two_weeks_ago_1day',
      'three_weeks_ago_1day',
      'level_7days',
      'level_28days',
      'spread_28days',
      'high_28days',
      'low_28days',
      'warmer',
      'warmer_than_last_week',
      'cold',
      'weekend_level',
      'holiday_level',
    ),
    meters.pick('mean_1day', 'mean_7days', 'mean_28days', 'peak_7days', 'base_7days'),
    contracts.pick('night_open', 'variable_open'),
    ahead,
  ])
  const meterCard = featureService('meter_card', [meters, contracts, calendar])

  /** The half-hour's consumption in the 24 hours after a forecast: its next 48 half-hours have one of each. */
  const kwh = label('kwh', { of: meterHalfHour, from: consumption, value: (f) => f.first('kwh').ahead('1d') })

  return {
    views: [halfHours, meters, contracts, ahead, calendar],
    services: [nextDay, meterCard],
    labels: [kwh],
    nextDay,
    kwh,
  }
}
