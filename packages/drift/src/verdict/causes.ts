import type { Cause, ColumnResult } from './result.ts'
import { atLeast } from './severity.ts'

/** The columns that changed, in groups that moved together. */
export function causesOf(columns: readonly ColumnResult[]): readonly Cause[] {
  const changed = columns
    .filter(({ severity }) => atLeast(severity, 'warn'))
    .toSorted((a, b) => (b.excess ?? 0) - (a.excess ?? 0))
  return changed.map(({ name, severity, sentence }) => ({
    sentence: `${name}: ${sentence}`,
    severity,
    head: name,
    columns: [name],
    share: 1 / changed.length,
    source: null,
  }))
}
