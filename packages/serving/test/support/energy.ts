import {
  entity,
  fact,
  featureService,
  featureView,
  precomputed,
  publishRows,
  type OnlineStore,
} from '@martlet/feature-store'
import { z } from 'zod'
import { batch, once } from './batch.ts'

const customer = entity('customer', { customer_id: z.string() })
const meter = entity('meter', { meter_id: z.int(), customer_id: z.string() })

export const usage = fact('mart.fact_usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number().nonnegative() },
  entities: [customer],
  eventTime: 'ts',
})

const profiles = precomputed('mart.profiles', {
  columns: { customer_id: z.string(), at: z.date(), tariff: z.string().nullable(), household: z.int().nullable() },
  entity: customer,
  time: 'at',
})

const readings = fact('mart.fact_readings', {
  columns: { meter_id: z.int(), customer_id: z.string(), ts: z.date(), volts: z.number() },
  entities: [meter],
  eventTime: 'ts',
})

export const customerUsage = featureView('customer_usage', {
  of: customer,
  from: usage,
  every: '1d',
  ttl: '3d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), peak: f.max('kwh').over('7d') }),
})

export const customerProfile = featureView('customer_profile', {
  of: customer,
  from: profiles,
  every: '1d',
  features: (f) => ({ tariff: f.column('tariff'), household: f.column('household') }),
})

export const meterVolts = featureView('meter_volts', {
  of: meter,
  from: readings,
  every: '1d',
  features: (f) => ({ volts: f.mean('volts').over('7d') }),
})

/** Text and numbers of two views of one entity. */
export const nextDay = featureService('next_day', [customerUsage, customerProfile])
/** Numbers only, for a model of one matrix. */
export const usageOnly = featureService('usage_only', [customerUsage])
/** Two entities, one of them with two key columns. */
export const metered = featureService('metered', [meterVolts, customerUsage])

export const day = 86_400_000_000n
/** 2026-01-10T06:00:00Z */
export const now = 20_463n * day + day / 4n

/**
 * Customer a has everything; b has a null peak and tariff; c's usage is 4 days old; d has only a profile.
 * Meter 7 of customer a has a row.
 */
export async function publishEnergy(store: OnlineStore): Promise<void> {
  const today = 20_463n * day
  await publishRows(
    store,
    customerUsage.plan,
    once(
      batch({
        customer_id: ['text', ['a', 'b', 'c']],
        feature_time: ['timestamp', [today, today, today - 4n * day]],
        kwh_1d: ['double', [1.5, 2.5, 3.5]],
        kwh_7d: ['double', [10.25, 20, 30]],
        peak_7d: ['double', [4, null, 6]],
      }),
    ),
  )
  await publishRows(
    store,
    customerProfile.plan,
    once(
      batch({
        customer_id: ['text', ['a', 'b', 'c', 'd']],
        feature_time: ['timestamp', [today - day, today - day, today - day, today - 2n * day]],
        tariff: ['text', ['night "A"', null, 'flat', 'flat']],
        household: ['bigint', [3, 1, 2, 5]],
      }),
    ),
  )
  await publishRows(
    store,
    meterVolts.plan,
    once(
      batch({
        meter_id: ['bigint', [7]],
        customer_id: ['text', ['a']],
        feature_time: ['timestamp', [today]],
        volts_7d: ['double', [229.5]],
      }),
    ),
  )
}
