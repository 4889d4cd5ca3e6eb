import process from 'node:process'
import { z } from 'zod'

const DAY = 86_400_000
const HOUR = 3_600_000
const until = z.iso.datetime().optional().parse(process.env['BANKING_UNTIL'])

/**
 * The bank's days end at this instant: that of `BANKING_UNTIL`, or the last full hour. Rows older than a view's `ttl` are not served, so
 * what is served has to be recent.
 */
const end = until === undefined ? Math.floor(Date.now() / HOUR) * HOUR : Date.parse(until)

export const UNTIL: string = new Date(end).toISOString()
export const UNTIL_MICROS: number = end * 1000

/** An instant so many days before the end, as ISO text. */
export function daysBack(days: number): string {
  return new Date(end - days * DAY).toISOString()
}
