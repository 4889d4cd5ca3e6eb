import { z } from 'zod'
import { caseWhen, decimal, entity, fact, featureService, featureView, source } from '../../src/index.ts'

export const account = entity('account', { account_id: z.string() })

export const payment = fact('mart.payments', {
  columns: {
    payment_id: z.string(),
    account_id: z.string(),
    at: z.date(),
    arrived_at: z.date(),
    seq: z.int(),
    amount: z.number(),
    fee: decimal(12, 2).nullable(),
    kind: z.enum(['card', 'wire', 'cash']),
    foreign_country: z.boolean().nullable(),
  },
  entities: [account],
  eventTime: 'at',
  knownAt: 'arrived_at',
  sequence: 'seq',
})

/** The velocity of an account's payments at the very instant that is asked for. */
export const velocity = featureView('velocity', {
  of: account,
  from: payment,
  every: 'continuous',
  features: (f) => ({
    events: f.count().over('5m', '1h', '24h', '30d'),
    amount: f.sum('amount').over('5m', '1h', '24h', '30d'),
    typical: f.mean('amount').over('30d'),
    spread: f.stddev('amount').over('24h', '30d'),
    largest: f.max('amount').over('1h', '30d'),
    smallest: f.min('amount').over('30d'),
    fees: f.sum('fee').over('24h'),
    wires: f
      .count()
      .where((r) => r.kind.eq('wire').and(r.amount.gt(50)))
      .over('1h', '24h'),
    net: f.sum((r) => r.amount.mul(2).sub(1)).over('1h'),
    abroad: f
      .ratio(
        f.count().where((r) => r.foreign_country),
        f.count(),
      )
      .over('24h'),
    any_cash: f.any((r) => r.kind.eq('cash')).over('1h'),
    all_card: f.all((r) => r.kind.eq('card')).over('24h'),
    last_kind: f.last('kind'),
    first_amount: f.first('amount'),
    ever: f.sum('amount').lifetime(),
  }),
  derive: (v) => ({
    burst: v.events_5m.div(v.events_1h),
    size: caseWhen(v.amount_24h.gt(500), 'large').otherwise('small'),
  }),
})

/** The same for windows that the newest event closes. */
export const tempo = featureView('tempo', {
  of: account,
  from: payment,
  every: 'continuous',
  clock: 'newest event',
  features: (f) => ({ events: f.count().over('5m', '1h'), amount: f.sum('amount').over('1h') }),
})

export const payments = source('payments', { into: payment, id: ['payment_id'], arrived: 'arrived_at' })

export const fraud = featureService('fraud', [velocity, tempo])
