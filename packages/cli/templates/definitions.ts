import { entity, fact, featureService, featureView, label } from '@martlet/feature-store'
import { z } from 'zod'

export const customer = entity('customer', { customer_id: z.string() })

// A table of the warehouse. What its columns may hold is checked before features are computed from them.
export const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number().nonnegative() },
  entities: [customer],
  eventTime: 'ts',
})

export const customerUsage = featureView('customer_usage', {
  description: 'Consumption of the last day, week and four weeks',
  of: customer,
  from: usage,
  every: '1d',
  ttl: '7d',
  repair: '2d',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d', '28d'),
    peak: f.max('kwh').over('7d'),
    days_silent: f.age(),
  }),
  derive: (v) => ({ momentum: v.kwh_7d.div(v.kwh_28d.div(4)) }),
})

// What a model reads, in this order.
export const nextDay = featureService('next_day', [customerUsage.pick('kwh_1d', 'kwh_7d')])

// What an application shows.
export const customerCard = featureService('customer_card', [customerUsage])

// What the model learns to predict: the consumption of the day that begins at the spine's time.
export const nextDayKwh = label('next_day_kwh', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d') })
