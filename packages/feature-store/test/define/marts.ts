import { z } from 'zod'
import { decimal, dimension, entity, fact, precomputed } from '@martlet/feature-store'

export const customer = entity('customer', { customer_id: z.string() })
export const site = entity('site', { site_id: z.int() })
export const meter = entity('meter', { site_id: z.int(), channel: z.int() })

export const usage = fact('mart.usage', {
  columns: {
    customer_id: z.string(),
    ts: z.date(),
    loaded_at: z.date(),
    kwh: z.number().nonnegative(),
    reads: z.int(),
    cost: decimal(12, 2),
    tariff: z.enum(['peak', 'off']),
    note: z.string().nullable(),
    paid: z.boolean(),
    due: z.iso.date(),
  },
  entities: [customer],
  eventTime: 'ts',
})

/** Keeps history. */
export const profiles = dimension('mart.dim_customer', {
  columns: {
    customer_id: z.string(),
    tariff: z.enum(['flat', 'night']),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

/** Keeps none. */
export const currentProfiles = dimension('mart.dim_customer_now', {
  columns: { customer_id: z.string(), tariff: z.string() },
  entity: customer,
})

export const places = dimension('mart.dim_site', {
  columns: { site_id: z.int(), region: z.string(), since: z.date() },
  entity: site,
  validFrom: 'since',
})

export const scores = precomputed('mart.scores', {
  columns: {
    customer_id: z.string(),
    at: z.date(),
    written: z.date(),
    score: z.number(),
    segment: z.string().nullable(),
  },
  entity: customer,
  time: 'at',
  created: 'written',
})
