import { MartletError } from '@martlet/warehouse'

/** How often the systems of the carrier fail, each as a share between 0 and 1. */
export interface FaultRates {
  /** Of vehicle-days: the readings arrive three hours to five days after the usual time. @default 0.01 */
  readonly lateTelemetry: number
  /** Of vehicles, per year: a new odometer that starts again near 0. @default 0.06 */
  readonly odometerSwap: number
  /** Of hours with readings: a reading whose odometer is 1e9. @default 0.0005 */
  readonly odometerSentinel: number
  /** Of hours with readings: a reading that says 1970. @default 0.0003 */
  readonly clock1970: number
  /** Of hours with readings: a reading with fuel below 0. @default 0.0005 */
  readonly negativeFuel: number
  /** Of rows of raw.shipments: delivered a second time, unchanged. @default 0.01 */
  readonly duplicateShipment: number
  /** Of shipments: the row of the pick-up arrives after the row of the delivery. @default 0.005 */
  readonly staleShipment: number
  /** Of shipments: the scan at the pick-up is missing. @default 0.003 */
  readonly missingPickup: number
  /** Of shipments: the scan at the delivery is missing, for ever. @default 0.003 */
  readonly missingDelivery: number
  /** Of shipments: delivered before it was picked up. @default 0.001 */
  readonly deliveredBeforePickup: number
  /** Of shipments: more weight than the vehicle may carry. @default 0.002 */
  readonly overweight: number
  /** Of shipments: a customer whom the CRM does not know. @default 0.001 */
  readonly orphanCustomer: number
  /** Of versions of customers: the tier is misspelt; half of them are corrected later. @default 0.03 */
  readonly misspeltTier: number
  /** Of statements about traffic: one that holds on while the next ones hold too. @default 0.002 */
  readonly overlappingValidity: number
}

export type FaultName = keyof FaultRates

export interface WorldOptions {
  /** Any integer; the same seed gives the same rows, byte for byte. */
  readonly seed: number
  /** @default 100 */
  readonly vehicles?: number
  /** The world covers the UTC days `[start, start + days)`. @default 365 */
  readonly days?: number
  /** A UTC midnight. @default 2025-01-01 */
  readonly start?: Date
  /** @default as many as vehicles */
  readonly customers?: number
  /** Depots, hubs and places of customers. @default 0.6 per vehicle, at least 16 */
  readonly locations?: number
  /** Minutes between two readings of a vehicle: a divisor of 60. @default 60 */
  readonly everyMinutes?: number
  /** Whether vehicles also report while they stand. @default false */
  readonly parked?: boolean
  readonly faults?: Partial<FaultRates>
}

/** Options with every default filled in. */
export interface WorldShape {
  readonly seed: number
  readonly vehicles: number
  readonly days: number
  readonly startDay: number
  readonly customers: number
  readonly locations: number
  readonly everyMinutes: number
  readonly parked: boolean
  readonly faults: FaultRates
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const usualFaults: FaultRates = {
  lateTelemetry: 0.01,
  odometerSwap: 0.06,
  odometerSentinel: 0.0005,
  clock1970: 0.0003,
  negativeFuel: 0.0005,
  duplicateShipment: 0.01,
  staleShipment: 0.005,
  missingPickup: 0.003,
  missingDelivery: 0.003,
  deliveredBeforePickup: 0.001,
  overweight: 0.002,
  orphanCustomer: 0.001,
  misspeltTier: 0.03,
  overlappingValidity: 0.002,
}

export const noFaults: FaultRates = {
  lateTelemetry: 0,
  odometerSwap: 0,
  odometerSentinel: 0,
  clock1970: 0,
  negativeFuel: 0,
  duplicateShipment: 0,
  staleShipment: 0,
  missingPickup: 0,
  missingDelivery: 0,
  deliveredBeforePickup: 0,
  overweight: 0,
  orphanCustomer: 0,
  misspeltTier: 0,
  overlappingValidity: 0,
}

/**
 * Completes options with the defaults.
 *
 * @throws MartletError BAD_OPTION when an option is out of its range; the message names it
 */
export function worldShape(options: WorldOptions): WorldShape {
  const start = (options.start ?? new Date('2025-01-01T00:00:00Z')).getTime()
  const { seed, vehicles = 100, days = 365, everyMinutes = 60, parked = false } = options
  const customers = options.customers ?? vehicles
  const locations = options.locations ?? Math.max(16, Math.round(0.6 * vehicles))
  const faults = { ...usualFaults, ...options.faults }
  const whole = (name: string, value: number, least: number, most: number): void => {
    const good = Number.isInteger(value) && value >= least && value <= most
    refuseUnless(good, name, value, `a whole number from ${least} to ${most}`)
  }
  refuseUnless(Number.isSafeInteger(seed), 'seed', seed, 'an integer')
  whole('vehicles', vehicles, 1, 100_000)
  whole('days', days, 1, 3660)
  whole('customers', customers, 1, 1_000_000)
  whole('locations', locations, 12, 100_000)
  refuseUnless(
    [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60].includes(everyMinutes),
    'everyMinutes',
    everyMinutes,
    'a divisor of 60',
  )
  refuseUnless(start % DAY === 0, 'start', options.start, 'a UTC midnight')
  for (const [name, share] of Object.entries(faults))
    refuseUnless(share >= 0 && share <= 1, name, share, 'a share between 0 and 1')
  return { seed, vehicles, days, startDay: start / DAY, customers, locations, everyMinutes, parked, faults }
}

function refuseUnless(good: boolean, option: string, value: unknown, wanted: string): void {
  if (!good)
    throw new MartletError('BAD_OPTION', `Option ${option} of the world must be ${wanted}, not ${String(value)}.`, {
      data: { option },
    })
}
