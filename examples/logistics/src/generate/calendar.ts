import { DAY } from './options.ts'

/** 1 (Monday) to 7 (Sunday) of a day counted from the epoch; 1970-01-01 was a Thursday. */
export function weekdayOf(epochDay: number): number {
  return ((((epochDay + 3) % 7) + 7) % 7) + 1
}

export function monthOf(epochDay: number): number {
  return new Date(epochDay * DAY).getUTCMonth() + 1
}

export function yearOf(epochDay: number): number {
  return new Date(epochDay * DAY).getUTCFullYear()
}

const fixed: Readonly<Record<string, string>> = {
  '01-01': "New Year's Day",
  '05-01': 'Labour Day',
  '10-03': 'Unity Day',
  '12-25': 'Christmas Day',
  '12-26': "St Stephen's Day",
}

/** The public holiday of all regions on a day, or null. */
export function holidayOf(epochDay: number): string | null {
  return fixed[new Date(epochDay * DAY).toISOString().slice(5, 10)] ?? null
}

/** 0 in the depth of winter to 1 in high summer. */
export function summerness(epochDay: number): number {
  return (1 - Math.cos((2 * Math.PI * (epochDay - 20)) / 365.25)) / 2
}
