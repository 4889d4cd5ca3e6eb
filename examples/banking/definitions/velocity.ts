import { featureView } from '@martlet/feature-store'
import { account, counterparty, relation, transactions } from './mart.ts'

/** Up to the second: what was pushed a moment ago counts. */
const continuous = { every: 'continuous' } as const

/** How fast money leaves an account. */
export const velocity = featureView('velocity', {
  description: 'Payments of an account in the last minutes, hours and days, and what it usually pays',
  of: account,
  from: transactions,
  ...continuous,
  features: (f) => ({
    payments: f
      .count()
      .where((r) => r.direction.eq('out'))
      .over('5m', '1h', '24h', '30d'),
    paid: f
      .sum('amount')
      .where((r) => r.direction.eq('out'))
      .over('5m', '1h', '24h', '30d'),
    remote: f
      .count()
      .where((r) => r.channel.oneOf('web', 'mobile').and(r.direction.eq('out')))
      .over('1h', '30d'),
    abroad: f
      .count()
      .where((r) => r.country.ne('CH').and(r.direction.eq('out')))
      .over('24h', '30d'),
    mean_amount: f
      .mean('amount')
      .where((r) => r.direction.eq('out'))
      .over('30d'),
    amount_spread: f
      .stddev('amount')
      .where((r) => r.direction.eq('out'))
      .over('30d'),
    largest: f
      .max('amount')
      .where((r) => r.direction.eq('out'))
      .over('30d'),
    balance: f.last('balance_after'),
  }),
  derive: (v) => ({
    // 1 is an hour like the others of the month.
    rush: v.payments_1h.mul(720).div(v.payments_30d),
  }),
})

/** Who is paid by whom, and for how long already. */
export const acquaintance = featureView('acquaintance', {
  description: 'Earlier payments of an account to a counterparty',
  of: relation,
  from: transactions,
  ...continuous,
  features: (f) => ({
    payments: f
      .count()
      .where((r) => r.direction.eq('out'))
      .lifetime(),
    paid: f
      .sum('amount')
      .where((r) => r.direction.eq('out'))
      .lifetime(),
  }),
})

/** How much somebody has been paid lately, by anybody. */
export const popularity = featureView('popularity', {
  description: 'Payments that a counterparty received from all accounts',
  of: counterparty,
  from: transactions,
  ...continuous,
  features: (f) => ({
    payments: f
      .count()
      .where((r) => r.direction.eq('out'))
      .over('24h', '30d'),
    paid: f
      .mean('amount')
      .where((r) => r.direction.eq('out'))
      .over('30d'),
  }),
})
