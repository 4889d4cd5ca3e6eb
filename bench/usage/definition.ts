import { entity, fact } from '@martlet/feature-store'
import { z } from 'zod'

export const customer = entity('customer', { customer_id: z.string() })

/** What most benchmarks read: one measure of many customers. */
export const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
