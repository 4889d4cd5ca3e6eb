import process from 'node:process'
import { z } from 'zod'

const DAY = 86_400_000
/** By this hour UTC the work of the night is due in Zurich, summer and winter. */
const NIGHT_IS_OVER = 3 * 3_600_000
const until = z.iso.date().optional().parse(process.env['LOGISTICS_UNTIL'])

/**
 * The year that the example is about ends at this UTC midnight: that of `LOGISTICS_UNTIL`, or the last one whose night's work is due, so
 * that the schedule scores its last day at any hour. Rows older than a view's `ttl` are not served, so what is served has to be recent.
 */
const end = until === undefined ? Math.floor((Date.now() - NIGHT_IS_OVER) / DAY) * DAY : Date.parse(until)

/** A date of that year, counted back from its end. */
export function daysBack(days: number): string {
  return new Date(end - days * DAY).toISOString().slice(0, 10)
}

export const UNTIL: string = daysBack(0)
export const SINCE: string = daysBack(365)
