import type { ColumnResult, WindowResult } from './result.ts'
import { atLeast } from './severity.ts'

/** Columns and windows whose counts a result keeps beside those of the latest window. */
const KEPT_COLUMNS = 6
const KEPT_WINDOWS = 8

/**
 * Windows without the counts that no report shows: all of the latest window are kept, and those of the columns that
 * changed most in it, in the windows just before.
 */
export function withKeptCounts(windows: readonly WindowResult[]): readonly WindowResult[] {
  const latest = windows.at(-1)
  const changed = (latest?.columns ?? [])
    .filter(({ severity }) => atLeast(severity, 'warn'))
    .toSorted((a, b) => (b.excess ?? 0) - (a.excess ?? 0))
  const kept = new Set(changed.slice(0, KEPT_COLUMNS).map(({ name }) => name))
  const first = windows.length - KEPT_WINDOWS
  const trimmed = (column: ColumnResult, index: number): ColumnResult =>
    index >= first && kept.has(column.name) ? column : { ...column, counts: [] }
  return windows.map((window, index) =>
    window === latest ? window : { ...window, columns: window.columns.map((column) => trimmed(column, index)) },
  )
}
