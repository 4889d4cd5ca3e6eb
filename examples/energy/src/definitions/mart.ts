import { decimal, dimension, entity, fact, lookupTable } from '@martlet/feature-store'
import { z } from 'zod'

export const customer = entity('customer', { customer_id: z.string() })

/** Meter readings, as `sql/duckdb/energy` creates them. Times are UTC and mark the start of the interval. */
export const usage = fact('mart.fact_energy_usage', {
  columns: {
    customer_id: z.string(),
    ts: z.date(),
    consumption_kwh: z.number().nonnegative(),
    cost: decimal(18, 6),
    arrived_at: z.date(),
  },
  entities: [customer],
  eventTime: 'ts',
})

/** The attributes of a customer, with their history. */
export const customers = dimension('mart.dim_customer', {
  columns: {
    customer_id: z.string(),
    customer_type: z.string().nullable(),
    tariff: z.string(),
    heating_type: z.string().nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

/** Public holidays by local date, known years ahead. */
export const holidays = lookupTable('mart.dim_holiday', {
  columns: { date: z.iso.date(), name: z.string() },
  day: 'date',
  knownAhead: true,
})
