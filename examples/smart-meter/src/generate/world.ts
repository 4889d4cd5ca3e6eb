import { MartletError } from '@martlet/warehouse'

/** How often meters and systems fail, each as a share between 0 and 1. */
export interface FaultRates {
  /** Of meter-days: a gap of two to twelve half-hours. */
  readonly gap: number
  /** Of readings: sent twice, with the same value. */
  readonly duplicate: number
  /** Of readings: sent again in a later file with a corrected value. */
  readonly corrected: number
  /** Of files: arrives hours or days late. */
  readonly lateFile: number
  /** Of readings: a negative value. */
  readonly negative: number
  /** Of readings: the value 9999.999, which means "no value". */
  readonly sentinel: number
  /** Of lines: no JSON. */
  readonly broken: number
  /** Of meterpoints: sends the time of the clock on the wall, without an offset. */
  readonly wallClock: number
  /** Of meterpoints: a new meter during the world; the old one goes on sending zeros for a day. */
  readonly swap: number
}

export const usualFaults: FaultRates = {
  gap: 0.01,
  duplicate: 0.002,
  corrected: 0.001,
  lateFile: 0.05,
  negative: 0.0005,
  sentinel: 0.0005,
  broken: 0.0001,
  wallClock: 0.1,
  swap: 0.2,
}

export interface WorldOptions {
  /** Any integer; the same seed gives the same files, byte for byte. @default 1 */
  readonly seed?: number
  /** @default 24 */
  readonly meterpoints?: number
  /** The first local day of London. @default 2025-10-06 */
  readonly start?: string
  /** @default 189, so that clocks change twice */
  readonly days?: number
  readonly faults?: Partial<FaultRates>
}

export interface World {
  readonly seed: number
  readonly meterpoints: number
  /** Days since 1970. */
  readonly startDay: number
  readonly days: number
  readonly faults: FaultRates
}

export const ZONE = 'Europe/London'
export const DAY_MS = 86_400_000
export const HALF_HOUR_MS = 1_800_000

/** @throws MartletError BAD_OPTION when an option is out of its range */
export function worldOf(options: WorldOptions = {}): World {
  const { seed = 1, meterpoints = 24, start = '2025-10-06', days = 189 } = options
  const faults = { ...usualFaults, ...options.faults }
  const refuseUnless = (good: boolean, option: string, wanted: string): void => {
    if (!good)
      throw new MartletError('BAD_OPTION', `Option ${option} of the world must be ${wanted}.`, { data: { option } })
  }
  refuseUnless(Number.isSafeInteger(seed), 'seed', 'an integer')
  refuseUnless(
    Number.isInteger(meterpoints) && meterpoints > 0 && meterpoints < 10_000,
    'meterpoints',
    'from 1 to 9999',
  )
  refuseUnless(Number.isInteger(days) && days > 0 && days < 3660, 'days', 'from 1 to 3659')
  refuseUnless(
    /^\d{4}-\d\d-\d\d$/.test(start) && !Number.isNaN(Date.parse(start)),
    'start',
    'a date such as 2025-10-06',
  )
  for (const [name, share] of Object.entries(faults))
    refuseUnless(share >= 0 && share <= 1, name, 'a share from 0 to 1')
  return { seed, meterpoints, startDay: Date.parse(start) / DAY_MS, days, faults }
}

/** The faults of what was generated, counted by name. */
export class Ledger {
  readonly #counts = new Map<string, number>()

  note(fault: keyof FaultRates | 'overlap' | 'correctedAgreement' | 'openEnded' | 'cancelled'): void {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1)
  }

  get counts(): readonly (readonly [fault: string, count: number])[] {
    return [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }
}

/** A day such as `2026-03-29`. */
export function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
