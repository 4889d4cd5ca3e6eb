import { featureService, happens, label, onDemand, request, whenever } from '@martlet/feature-store'
import { z } from 'zod'
import { CHANNELS } from '../src/bank/rows.ts'
import { fraudReports, transaction, transactions } from './mart.ts'
import { accountProfile, customerHistory, customerProfile, usualAmounts } from './profile.ts'
import { acquaintance, popularity, velocity } from './velocity.ts'

/** What is known of a payment when somebody wants to make it; whom it goes to is a key. */
export const plannedPayment = request({
  amount: z.number().positive(),
  channel: z.enum(CHANNELS),
  country: z.string().length(2),
})

/** The customer of the account. */
const holder = customerProfile.via(accountProfile, 'customer_id').as('holder')
const holderHistory = customerHistory.via(accountProfile, 'customer_id').as('holder_history')
const known = acquaintance.pick('payments', 'paid').default({ payments: 0, paid: 0 })

/** The payment beside what the account and its customer usually do. */
export const payment = onDemand('payment', {
  of: [
    velocity.pick('mean_amount_30d', 'amount_spread_30d', 'largest_30d', 'paid_24h', 'balance'),
    known.pick('payments'),
    popularity.pick('paid_30d'),
    holder.pick('transfer_limit'),
    holderHistory.pick('limit_age', 'address_age'),
  ],
  request: plannedPayment,
  derive: (v, r) => ({
    amount: r.amount,
    zscore: r.amount.sub(v.velocity__mean_amount_30d).div(v.velocity__amount_spread_30d),
    over_largest: r.amount.div(v.velocity__largest_30d),
    over_usual_there: r.amount.div(v.popularity__paid_30d),
    new_counterparty: v.acquaintance__payments.eq(0),
    limit_share: r.amount.add(v.velocity__paid_24h).div(v.holder__transfer_limit),
    balance_share: r.amount.div(v.velocity__balance),
    remote: r.channel.oneOf('web', 'mobile'),
    by_card: r.channel.eq('card'),
    abroad: r.country.ne('CH'),
    // Days since whichever of the two was changed last; a year where neither ever was.
    change_age: v.holder_history__limit_age.coalesce(365).least(v.holder_history__address_age.coalesce(365)),
  }),
})

/** Which share of the account's own payments is smaller, by its percentiles: between two of them, in proportion. */
export const ownRank = onDemand('own_rank', {
  of: [usualAmounts],
  request: plannedPayment,
  version: '1',
  output: { percentile: z.number().nullable() },
  compute: ({ features: v, request: asked }) => {
    const steps = [
      [0, 0],
      [v.usual_amounts__p10_90d, 0.1],
      [v.usual_amounts__p50_90d, 0.5],
      [v.usual_amounts__p75_90d, 0.75],
      [v.usual_amounts__p90_90d, 0.9],
      [v.usual_amounts__p95_90d, 0.95],
      [v.usual_amounts__p99_90d, 0.99],
    ] as const
    let [below, rank] = [0, 0]
    for (const [amount, share] of steps) {
      if (amount === null) return { percentile: null }
      if (asked.amount < amount)
        return { percentile: rank + ((share - rank) * (asked.amount - below)) / (amount - below) }
      ;[below, rank] = [amount, share]
    }
    return { percentile: 1 }
  },
})

/** Whether a payment is its customer's own. */
export const paymentFraud = featureService(
  'payment_fraud',
  [
    velocity.pick(
      'payments_5m',
      'payments_1h',
      'payments_24h',
      'payments_30d',
      'paid_5m',
      'paid_1h',
      'paid_24h',
      'paid_30d',
      'remote_1h',
      'remote_30d',
      'abroad_24h',
      'abroad_30d',
      'rush',
      'balance',
    ),
    known,
    popularity.pick('payments_24h', 'payments_30d'),
    accountProfile.pick('kind', 'overdraft', 'age_days'),
    holder.pick('segment', 'transfer_limit'),
    holderHistory.pick('address_age', 'limit_age', 'limit_factor', 'changes_30d'),
    payment,
    ownRank,
  ],
  { owner: 'fraud desk' },
)

/** Whether the customer says within a week that the payment was not theirs. */
export const fraud = label('fraud', { of: transaction, value: happens(fraudReports).within('7d') })

/** Every payment by card, web or mobile, at the moment at which it was asked for. */
export const everyPayment = whenever(transactions, {
  where: (r) => r.direction.eq('out').and(r.channel.oneOf('card', 'web', 'mobile')),
  columns: ['amount', 'channel', 'country'],
})
