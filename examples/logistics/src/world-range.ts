import process from 'node:process'
import { z } from 'zod'

const DAY = 86_400_000
const until = z.iso.date().optional().parse(process.env['LOGISTICS_UNTIL'])

/**
 * The year that the example is about ends at this UTC midnight: the last one, or that of `LOGISTICS_UNTIL`. Rows older than a view's
 * `ttl` are not served, so what is served has to be of today.
 */
const end = until === undefined ? Math.floor(Date.now() / DAY) * DAY : Date.parse(until)

/** A date of that year, counted back from its end. */
export function daysBack(days: number): string {
  return new Date(end - days * DAY).toISOString().slice(0, 10)
}

export const UNTIL: string = daysBack(0)
export const SINCE: string = daysBack(365)
