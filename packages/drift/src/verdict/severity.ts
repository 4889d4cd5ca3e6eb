import type { Floor } from '../compare/floor.ts'
import type { Severity } from './result.ts'

const ORDER: readonly Severity[] = ['none', 'info', 'warn', 'crit']

/** The most urgent of some severities. */
export function worst(severities: Iterable<Severity>): Severity {
  let found: Severity = 'none'
  for (const severity of severities) if (ORDER.indexOf(severity) > ORDER.indexOf(found)) found = severity
  return found
}

/** Whether a severity is at least another. */
export function atLeast(severity: Severity, other: Severity): boolean {
  return ORDER.indexOf(severity) >= ORDER.indexOf(other)
}

/** The severity of a size against its floor. */
export function bySize(size: number, floor: Floor): Severity {
  return size >= floor.crit ? 'crit' : size >= floor.warn ? 'warn' : 'none'
}
