import { MONTHS } from '../count/month-names.ts'
import type { WindowResult } from './result.ts'
import { atLeast } from './severity.ts'

/** Since when a column has changed without a break up to the latest window, as ` since 3 March`; empty without windows of time. */
export function sinceWords(column: string, windows: readonly WindowResult[], now: Date): string {
  let first = windows.length
  while (first > 0 && changedIn(windows[first - 1], column)) first -= 1
  const from = windows[first]?.from ?? null
  if (from === null) return ''
  // Before the first window that was looked at, nobody knows.
  return ` ${first === 0 && windows.length > 1 ? 'since at least' : 'since'} ${dayWords(new Date(from), now)}`
}

function changedIn(window: WindowResult | undefined, column: string): boolean {
  return window?.columns.some(({ name, severity }) => name === column && atLeast(severity, 'warn')) ?? false
}

/** A day without what goes without saying: the year of `now`, and midnight. */
function dayWords(day: Date, now: Date): string {
  const year = day.getUTCFullYear() === now.getUTCFullYear() ? '' : ` ${day.getUTCFullYear()}`
  const time = day.toISOString().slice(11, 16)
  return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}${year}${time === '00:00' ? '' : ` ${time} UTC`}`
}
