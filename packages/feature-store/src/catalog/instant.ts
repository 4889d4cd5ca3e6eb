import { MartletError } from '@martlet/warehouse'

/**
 * A point in time as callers may give it: microseconds since the epoch, a Date, or ISO 8601 text (UTC when it names
 * no zone).
 */
export type InstantLike = bigint | Date | string

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:?\d{2})?$/

/** The beginnings of the years 1 and 10000: not every table, text and `Date` can hold instants outside them. */
export const FIRST_INSTANT = -62_135_596_800_000_000n
export const END_OF_INSTANTS = 253_402_300_800_000_000n

/**
 * Converts an instant to microseconds since the epoch.
 * @throws MartletError INVALID_INSTANT when it is not a point in time, or lies outside the years 1 to 9999
 */
export function toMicros(instant: InstantLike, what = 'instant'): bigint {
  const micros =
    typeof instant === 'bigint' ? instant : typeof instant === 'string' ? parseIso(instant) : fromDate(instant)
  if (micros === undefined || micros < FIRST_INSTANT || micros >= END_OF_INSTANTS) {
    throw new MartletError(
      'INVALID_INSTANT',
      `${what} ${JSON.stringify(String(instant))} is not a point in time between the years 1 and 9999. ` +
        'Write it as 2026-01-31 or 2026-01-31T06:00:00Z.',
      { data: { what, value: String(instant) } },
    )
  }
  return micros
}

/** An instant as ISO 8601 in UTC with six decimals, which sorts by time. */
export function instantText(micros: bigint): string {
  const millis = floorDiv(micros, 1000n)
  return `${new Date(Number(millis)).toISOString().slice(0, -1)}${String(micros - millis * 1000n).padStart(3, '0')}Z`
}

/** An instant for people: the same text without the parts that are zero. */
export function shortInstant(micros: bigint): string {
  return instantText(micros)
    .replace(/\.?0+Z$/, 'Z')
    .replace(/T00:00(:00)?Z$/, '')
    .replace(/T(\d{2}:\d{2}):00Z$/, 'T$1Z')
}

/** The current time in microseconds since the epoch. */
export function clockNow(): bigint {
  return BigInt(Date.now()) * 1000n
}

function fromDate(date: Date): bigint | undefined {
  const millis = date.getTime()
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1000n
}

function parseIso(text: string): bigint | undefined {
  const match = ISO.exec(text.trim())
  if (match === null) return undefined
  const [, day, time = '00:00', fraction = '', zone = 'Z'] = match
  const millis = Date.parse(
    `${day}T${time.length === 5 ? `${time}:00` : time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`,
  )
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}
