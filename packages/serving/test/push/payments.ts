import { z } from 'zod'
import { decimal, entity, fact, source } from '@martlet/feature-store'

export const account = entity('account', { account_id: z.string() })

export const paymentFact = fact('mart.payments', {
  columns: {
    payment_id: z.string(),
    account_id: z.string(),
    amount: decimal(18, 2).min(0),
    serial: z.int().nullable(),
    ts: z.date(),
    arrived_at: z.date(),
  },
  entities: [account],
  eventTime: 'ts',
  knownAt: 'arrived_at',
})

export const payments = source('payments', { into: paymentFact, id: ['payment_id'], arrived: 'arrived_at' })
export const refunds = source('refunds', { into: paymentFact, id: ['payment_id'], arrived: 'arrived_at' })
