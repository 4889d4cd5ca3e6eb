import type { ColumnSpec } from '@martlet/warehouse'
import type { CategoryCells } from '../compare/category-cells.ts'
import type { Dependence } from '../compare/dependence.ts'
import type { Metric } from '../compare/metric.ts'
import type { WeightCounts } from '../count/weigh-rows.ts'
import type { TimeWindow } from '../count/windows.ts'
import type { Separation } from '../joint/domain-classifier.ts'
import type { TimeGaps } from '../profile/gaps.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import type { PerformanceEstimate } from '../estimate/performance-estimate.ts'
import type { RejectedCount } from '../predictions/rejected-lines.ts'
import type { RowKind } from '../profile/row-kind.ts'

/** All that was measured of one window. */
export interface WindowEvidence {
  /** Null: the whole relation. */
  readonly window: TimeWindow | null
  readonly rows: number
  readonly rowKind: RowKind
  /** Lines of the log that could not be read; absent when there were none. */
  readonly rejected?: RejectedCount
  /** Rows without any value of each of the profile's views, in their order. */
  readonly absent: readonly number[]
  /** What rows are worth as to each view's absence; rows count as independent where it is not given. */
  readonly absentWorth?: readonly Dependence[]
  readonly columns: readonly ColumnEvidence[]
  /** How far the times of its rows are apart; absent when that is not known of the reference. */
  readonly gaps?: TimeGaps
  /** Entities that have no row in it though they had shortly before; absent when earlier windows do not show who is usual. */
  readonly silence?: Silence
  /** The relation's columns now, and those among them that are not features: keys, times. */
  readonly schema: readonly ColumnSpec[]
  readonly ignored: readonly string[]
  /** Columns that were named as those of an entity, and are not there. */
  readonly missingKeys?: readonly string[]
  /** Time of the newest row of the relation; null when it has none or no time column. */
  readonly newest: Date | null
  /** Whether this is the window that `now` belongs to: only its freshness is judged. */
  readonly latest: boolean
  /** How far all columns together tell the window's rows from reference rows; absent when that was not asked. */
  readonly joint?: Separation
  /** How well the model probably does in the window, when that was asked for. */
  readonly estimate?: PerformanceEstimate
  /** The window's rows by what their weights are; absent where each row counts as one. */
  readonly weights?: WeightCounts
  /** What the window is compared with, where that is not the same for all windows. */
  readonly reference?: WindowReference
}

/** Entities that were there shortly before a window and are not in it, and how many usually are not. */
export interface Silence {
  /** The columns that say which entity a row is about. */
  readonly keys: readonly string[]
  readonly now: SilentShare
  /** The same of earlier windows, newest first. */
  readonly before: readonly SilentShare[]
  /** Keys of some silent entities, as texts; empty unless the policy asks for names. */
  readonly named: readonly (readonly string[])[]
}

/** How many entities are silent in a window. */
export interface SilentShare {
  /** Those that had rows in the windows just before. */
  readonly entities: number
  /** Those of them that have none in the window. */
  readonly silent: number
  /** The longest time that any of them, silent or not, had no row at the end of the window, hours. */
  readonly longest: number
  /** The shortest such time of those that are silent, hours; 0 when there are none. */
  readonly shortest: number
}

/** What one window is compared with. */
export interface WindowReference {
  readonly profile: ReferenceProfile
  /** In words, for `Compared with …`. */
  readonly words: string
  /** The window's rows of seasons that the reference has no row of; they are not compared. */
  readonly unseen: readonly UnseenSeason[]
  /** Windows like this one, which show how much such windows differ, newest first; absent when there are none. */
  readonly windows?: readonly TimeWindow[]
  /** Whether it is one window, and no others show how much such windows differ. @default false */
  readonly single?: boolean
}

export interface UnseenSeason {
  readonly code: number
  readonly words: string
  readonly rows: number
}

/** A column that follows from the clock, computed again for the instants of the rows. */
export interface CalendarCheck {
  readonly checked: number
  readonly differing: number
}

/** What was measured of one column in one window, before anything is called a change. */
export interface ColumnEvidence {
  readonly profile: ColumnProfile
  readonly rows: number
  readonly nulls: number
  readonly nonFinite: number
  /** Rows that the metrics are computed from. */
  readonly values: number
  /** How many rows these are, where rows have weights and everything else is of weighted rows. @default values */
  readonly valueRows?: number
  readonly metrics: readonly Metric[]
  /** Counts on the column's cells. */
  readonly counts: readonly number[]
  /**
   * How far the winsorised mean moved, in the column's unit; null for other columns. Where more than a tenth of the rows is
   * beyond a limit, they count as they are.
   */
  readonly shift: number | null
  readonly categories: CategoryCells | null
  /** What its rows are worth on both sides; rows count as independent where it is not given. */
  readonly dependence?: Dependence
  /** Why the column cannot be evaluated at all (missing, of another type); null when it can. */
  readonly obstacle: string | null
  /** Of a column that follows from the clock; null when its definition was not at hand. */
  readonly calendar?: CalendarCheck | null
}

/** The evidence of a column that cannot be evaluated. */
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
