import { MartletError } from '@martlet/warehouse'

/** How often meters and their network fail, each as a share between 0 and 1. */
export interface FaultRates {
  /** Of customer-days: nothing is sent for some hours in a row. @default 0.01 */
  readonly gap?: number
  /** Of customer-days: the day's readings arrive one hour to three days after the usual time. @default 0.02 */
  readonly late?: number
  /** Of readings: sent a second time, unchanged, a little later. @default 0.0005 */
  readonly duplicate?: number
  /** Of readings: sent with the wrong sign. @default 0.0001 */
  readonly negative?: number
}

export interface MartOptions {
  /** Any integer; the same seed gives the same rows, byte for byte. */
  readonly seed: number
  readonly customers: number
  /** The mart covers the UTC days `[start, start + days)`. */
  readonly days: number
  /** A UTC midnight. @default 2025-01-01 */
  readonly start?: Date
  /** Only facts from this day on (0 is `start`): `days: 90`, then `fromDay: 90, days: 97`, adds a week. @default 0 */
  readonly fromDay?: number
  /** @default '1h' */
  readonly interval?: '15m' | '1h'
  /** The share of customers that are businesses. @default 0.15 */
  readonly businesses?: number
  readonly faults?: FaultRates
}

/** Options with every default filled in. */
export interface MartShape {
  readonly seed: number
  readonly customers: number
  readonly days: number
  readonly startDay: number
  readonly fromDay: number
  readonly perDay: number
  readonly businesses: number
  readonly faults: Required<FaultRates>
}

export const MILLIS_PER_DAY = 86_400_000
const MAX_DAYS = 36_525

/**
 * Completes options with the defaults.
 *
 * @throws MartletError BAD_OPTION when an option is out of its range; the message names it
 */
export function martShape(options: MartOptions): MartShape {
  const start = (options.start ?? new Date('2025-01-01T00:00:00Z')).getTime()
  const { seed, customers, days, fromDay = 0, businesses = 0.15 } = options
  const faults = { gap: 0.01, late: 0.02, duplicate: 0.0005, negative: 0.0001, ...options.faults }
  refuseUnless(Number.isSafeInteger(seed), 'seed', seed, 'an integer')
  refuseUnless(
    Number.isInteger(customers) && customers >= 0 && customers <= 1e7,
    'customers',
    customers,
    'an integer from 0 to 10000000',
  )
  refuseUnless(
    Number.isInteger(days) && days >= 0 && days <= MAX_DAYS,
    'days',
    days,
    `an integer from 0 to ${MAX_DAYS}`,
  )
  refuseUnless(
    Number.isInteger(fromDay) && fromDay >= 0 && fromDay <= days,
    'fromDay',
    fromDay,
    'an integer from 0 to days',
  )
  refuseUnless(start % MILLIS_PER_DAY === 0, 'start', options.start, 'a UTC midnight')
  for (const [name, share] of Object.entries({ businesses, ...faults }))
    refuseUnless(share >= 0 && share <= 1, name, share, 'a share between 0 and 1')
  const perDay = options.interval === '15m' ? 96 : 24
  return { seed, customers, days, startDay: start / MILLIS_PER_DAY, fromDay, perDay, businesses, faults }
}

function refuseUnless(good: boolean, option: string, value: unknown, wanted: string): void {
  if (!good)
    throw new MartletError('BAD_OPTION', `Option ${option} of the mart must be ${wanted}, not ${String(value)}.`, {
      data: { option },
    })
}
