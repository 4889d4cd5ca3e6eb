import type { CategoryCells } from '../compare/category-cells.ts'
import type { Metric } from '../compare/metric.ts'
import type { ColumnProfile } from '../profile/reference-profile.ts'

/** What was measured of one column in one window, before anything is called a change. */
export interface ColumnEvidence {
  readonly profile: ColumnProfile
  readonly rows: number
  readonly nulls: number
  readonly nonFinite: number
  /** Rows that the metrics are made of. */
  readonly values: number
  readonly metrics: readonly Metric[]
  /** Counts on the column's cells. */
  readonly counts: readonly number[]
  /** How far the winsorised mean moved, in the column's unit; null for other columns. */
  readonly shift: number | null
  readonly categories: CategoryCells | null
  /** Why the column cannot be evaluated at all: missing, of another type. */
  readonly obstacle: string | null
}

/** Evidence that there is none. */
export function noEvidence(profile: ColumnProfile, obstacle: string): ColumnEvidence {
  return {
    profile,
    rows: 0,
    nulls: 0,
    nonFinite: 0,
    values: 0,
    metrics: [],
    counts: [],
    shift: null,
    categories: null,
    obstacle,
  }
}
