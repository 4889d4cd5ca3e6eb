import type { Severity } from './result.ts'
import { atLeast } from './severity.ts'

/** The start of the first of the alerting windows that end without a break with the latest; null when that does not alert. */
export function alertingSince(
  windows: readonly { readonly from: string | null; readonly severity: Severity }[],
): string | null {
  let start: string | null = null
  for (const window of windows.toReversed()) {
    if (!atLeast(window.severity, 'warn')) break
    start = window.from
  }
  return start
}
