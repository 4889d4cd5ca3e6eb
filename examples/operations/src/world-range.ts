import process from 'node:process'
import { z } from 'zod'

const HOUR = 3_600_000
export const DAY = 24 * HOUR
const until = z.iso.datetime().optional().parse(process.env['OPERATIONS_UNTIL'])

/** The example's history ends here: at `OPERATIONS_UNTIL`, or at the last full hour. Milliseconds since the epoch. */
export const END: number = until === undefined ? Math.floor(Date.now() / HOUR) * HOUR : Date.parse(until)

/** Days of runs and queues, and of the company. */
export const DAYS = 120
export const COMPANY_DAYS = 215

/** The midnight (UTC) so many days before the day of the end. */
export function daysBack(days: number): string {
  return new Date(Math.floor(END / DAY) * DAY - days * DAY).toISOString().slice(0, 10)
}
