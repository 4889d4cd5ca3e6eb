import { days, featureView, T } from '@martlet/feature-store'
import { account, accounts, customer, customerChanges, customers, transactions } from './mart.ts'

/** Every hour, for two days at most. */
const hourly = { every: '1h', ttl: '2d', repair: '12h' } as const

/** What an account is, as of T, and whose. */
export const accountProfile = featureView('account_profile', {
  description: 'Holder, kind, overdraft and age of an account',
  of: account,
  from: accounts,
  ...hourly,
  features: (f) => ({
    customer_id: f.attribute('customer_id'),
    kind: f.attribute('kind'),
    status: f.attribute('status'),
    overdraft: f.attribute('overdraft'),
    opened_on: f.attribute('opened_on'),
  }),
  derive: (v) => ({ age_days: days(v.opened_on, T) }),
})

/** What a customer is, as of T. */
export const customerProfile = featureView('customer_profile', {
  description: 'Segment and limit of a customer',
  of: customer,
  from: customers,
  ...hourly,
  features: (f) => ({
    segment: f.attribute('segment'),
    transfer_limit: f.attribute('transfer_limit'),
  }),
})

/** What has been changed of a customer, and how long ago. */
export const customerHistory = featureView('customer_history', {
  description: 'Days since the address was changed and the limit raised, and changes in 30 days',
  of: customer,
  from: customerChanges,
  population: customers,
  ...hourly,
  features: (f) => ({
    address_age: f.age().where((r) => r.address_changed),
    limit_age: f.age().where((r) => r.limit_raised),
    limit_factor: f.last('limit_factor').where((r) => r.limit_raised),
    changes: f.count().over('30d'),
  }),
})

/** How much an account usually pays, by percentiles of its payments. */
export const usualAmounts = featureView('usual_amounts', {
  description: 'Percentiles of what an account has paid in 90 days',
  of: account,
  from: transactions,
  every: '1d',
  ttl: '3d',
  repair: '1d',
  features: (f) => {
    const percentile = (p: number) =>
      f
        .percentile('amount', p)
        .where((r) => r.direction.eq('out'))
        .over('90d')
    return {
      p10: percentile(0.1),
      p50: percentile(0.5),
      p75: percentile(0.75),
      p90: percentile(0.9),
      p95: percentile(0.95),
      p99: percentile(0.99),
    }
  },
})
