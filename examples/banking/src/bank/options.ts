import { DAY, type Micros } from './rows.ts'

export interface BankOptions {
  /** Any integer; the same seed gives the same bank, byte for byte. */
  readonly seed: number
  /** The bank's first instant, microseconds: from here on its changes are captured. Set by `days` before `until`. */
  readonly until: Micros
  /** @default 120 */
  readonly days?: number
  /** @default 240 */
  readonly customers?: number
  /** How many accounts are taken over. @default one per three customers */
  readonly takeovers?: number
}

export interface BankShape extends Required<BankOptions> {
  readonly start: Micros
}

/** @throws RangeError when a number is out of range */
export function bankShape(options: BankOptions): BankShape {
  const { seed, until, days = 120, customers = 240 } = options
  const takeovers = options.takeovers ?? Math.round(customers / 3)
  for (const [name, value, least] of [
    ['days', days, 10],
    ['customers', customers, 3],
    ['takeovers', takeovers, 0],
  ] as const)
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`${name} ${value} is not a whole number of at least ${least}`)
  return { seed, until, days, customers, takeovers, start: until - days * DAY }
}
