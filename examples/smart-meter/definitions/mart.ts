import { dimension, entity, fact, intervals, lookupTable } from '@martlet/feature-store'
import { z } from 'zod'

/** A place that is supplied, whatever meter hangs there. */
export const meterpoint = entity('meterpoint', { meterpoint_id: z.string() })
/** A half-hour of the clock: 0 begins at midnight, 47 at half past eleven. */
export const halfHour = entity('half_hour', { slot: z.int() })
/** A half-hour of the clock at one meterpoint, which is what a forecast is about. */
export const meterHalfHour = entity('meter_half_hour', { meterpoint_id: z.string(), slot: z.int() })

export const consumption = fact('mart.fact_consumption', {
  columns: { meterpoint_id: z.string(), slot: z.int(), ts: z.date(), kwh: z.number(), arrived_at: z.date() },
  entities: [meterpoint, meterHalfHour],
  eventTime: 'ts',
  knownAt: 'arrived_at',
})

/** Agreements hold from a day until before another, or nobody knows yet until when. Two may hold at once. */
export const agreements = intervals('mart.fact_agreement', {
  columns: {
    agreement_id: z.int(),
    meterpoint_id: z.string(),
    product_id: z.string(),
    status: z.enum(['active', 'cancelled']),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
    known_at: z.date(),
  },
  entities: [meterpoint],
  start: 'valid_from',
  end: 'valid_to',
  knownAt: 'known_at',
})

/** The price of a half-hour of the clock on the day that begins, which is published the evening before. */
export const clockPrices = dimension('mart.dim_price', {
  columns: { slot: z.int(), valid_from: z.date(), valid_to: z.date(), pence: z.number() },
  entity: halfHour,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

/** The same prices, one after the other; a row counts once it was published. */
export const prices = lookupTable('mart.dim_half_hour_price', {
  columns: { valid_from: z.date(), valid_to: z.date(), pence: z.number(), published_at: z.date() },
  validFrom: 'valid_from',
  validTo: 'valid_to',
  knownAt: 'published_at',
})

/** Mean temperature of a day as forecast the evening before. */
export const weather = lookupTable('mart.dim_weather', {
  columns: { date: z.iso.date(), temperature: z.number(), issued_at: z.date() },
  day: 'date',
  knownAt: 'issued_at',
})

export const holidays = lookupTable('mart.dim_holiday', {
  columns: { date: z.iso.date(), name: z.string() },
  day: 'date',
  knownAhead: true,
})
