import type { FieldSource } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import type { WeightCounts } from '../count/weigh-rows.ts'
import type { Derivation } from './derived-columns.ts'
import type { TimeGaps } from './gaps.ts'
import type { RowEffects } from './group-effects.ts'
import type { ReferencePieces } from './pieces.ts'
import type { Correlation } from './correlation.ts'
import type { PerformanceCalibration } from '../estimate/performance-calibration.ts'
import type { RowKind, ViewAbsence } from './row-kind.ts'

/** The version of the stored profile's shape; a reader refuses others. */
export const profileSchema = 'martlet.drift.profile/1'

/** What a column is to the model. */
export type ColumnRole = 'feature' | 'prediction' | 'label' | 'weight'

/**
 * What the reference window looked like, small enough to ship with a model: current windows are counted on these bins, and
 * the reference rows are never read again.
 */
export interface ReferenceProfile {
  readonly schema: typeof profileSchema
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly rows: number
  /** The first and last instant of the reference's time column, ISO 8601; null when none was named. */
  readonly time: { readonly column: string; readonly from: string; readonly to: string } | null
  /** Where nearly all of its rows are, ISO 8601, when single ones are far away from them. */
  readonly mostly?: { readonly from: string; readonly to: string }
  readonly columns: readonly ColumnProfile[]
  /** What the reference's rows are; profiles stored before this was recorded lack it and are read as `table`. */
  readonly rowKind?: RowKind
  /** Rows without any value of a view, counted apart from other nulls; not counted for a `table`. */
  readonly views?: readonly ViewAbsence[]
  /** Its counts by season, and by stretch of time, where these were asked for. */
  readonly pieces?: ReferencePieces
  /** How many hours its rows are of, where that is not all of `time`. */
  readonly hours?: number
  /** Which columns go together; absent when there is only one. */
  readonly correlation?: Correlation
  /** How predictions came true in labelled rows, for estimates of performance without labels; see `withCalibration`. */
  readonly calibration?: PerformanceCalibration
  /** By what rows are alike; profiles stored before this was measured lack it, and their rows count as independent. */
  readonly dependence?: DependenceProfile
  /** By what factor the rows of each of its unchanged windows differ from those of the others, as |ln|. */
  readonly rowSpread?: readonly number[]
  /** By what its rows count: all counts are of rows that weigh 1 on average. Absent: each row counts as one. */
  readonly weight?: ProfileWeight
  /** How far the times of its rows are apart; profiles stored before this was measured lack it. */
  readonly gaps?: TimeGaps
}

/** The column by which rows count, and the rows of the reference by what it holds. */
export interface ProfileWeight extends WeightCounts {
  readonly column: string
  /** The average weight of the rows that count. */
  readonly average: number
}

/** The stretch of time that the rows of a reference fill; null without a time column. */
export function filledTime({
  time,
  mostly,
}: Pick<ReferenceProfile, 'time' | 'mostly'>): { readonly from: Date; readonly to: Date } | null {
  const span = time === null ? null : (mostly ?? time)
  return span === null ? null : { from: new Date(span.from), to: new Date(span.to) }
}

/** Which rows of a reference may be alike. */
export interface DependenceProfile {
  /** Columns that say which entity a row is about. */
  readonly entity: readonly string[]
  /** Lengths of the stretches of time that were compared, in seconds; null when there is no time column. */
  readonly time: { readonly column: string; readonly seconds: readonly number[] } | null
}

export type ColumnProfile = NumericProfile | CategoryProfile | TimeProfile

interface NamedProfile {
  readonly name: string
  readonly type: ColumnType
  readonly role: ColumnRole
  /** Scales the column's place in the report: effect times importance. 1 unless given. */
  readonly importance: number
  readonly nulls: number
  /** How alike the column's rows of one entity and of one stretch of time are. */
  readonly effects?: RowEffects
  /** Whether its values follow from the row's time alone: they are compared with the calendar, not with the reference. */
  readonly calendar?: boolean
  /** What the metrics showed between unchanged windows, each against the others, by the metric's name. */
  readonly spread?: Readonly<Record<string, readonly number[]>>
  /** The same between rows of the same seasons. */
  readonly seasonSpread?: Readonly<Record<string, readonly number[]>>
  /** What it is computed from, by its definition; empty when from no table, absent when nothing is known. */
  readonly sources?: readonly FieldSource[]
  /** What it is computed from, where that is done for the monitor alone: the age and the form of a date or instant. */
  readonly derived?: Derivation
}

/**
 * A number column. `bins` are right-closed: bin i holds `edges[i−1] < x ≤ edges[i]`, the first and last reach to ∓∞,
 * so there is one more bin than edges.
 */
export interface NumericProfile extends NamedProfile {
  readonly kind: 'number'
  /** Numbers beyond 2^53 are measured as their distance from this integer; null: as they are. */
  readonly origin: string | null
  /** Rows with a finite number. */
  readonly finite: number
  readonly nan: number
  readonly positiveInfinite: number
  readonly negativeInfinite: number
  readonly minimum: number | null
  readonly maximum: number | null
  /** Ascending and distinct: about a hundred quantiles, and one just below each value that holds many rows. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
  /** Σ(x − centre) of each bin. */
  readonly sums: readonly number[]
  /** The distinct ones among the nine deciles; each is one of `edges`. */
  readonly deciles: readonly number[]
  /** The 0.5 % and 99.5 % quantiles; each is one of `edges`. */
  readonly limits: readonly [number, number] | null
  /** The median, which no outlier moves; profiles stored before it was recorded have sums around their mean. */
  readonly centre?: number | null
  readonly mean: number | null
  /** Population standard deviation; null when it is too large for a double. */
  readonly std: number | null
  /** Population standard deviation after values beyond `limits` are moved onto them; null when it is too large for a double. */
  readonly robustStd: number | null
  /** False when the edges came from approximate quantiles; counts on the edges are exact either way. */
  readonly exactEdges: boolean
}

/** The value that a profile's sums are differences from. */
export function centreOf({ centre, mean }: Pick<NumericProfile, 'centre' | 'mean'>): number {
  return centre ?? mean ?? 0
}

/** A text, boolean or declared category column. */
export interface CategoryProfile extends NamedProfile {
  readonly kind: 'category'
  /** The most frequent values, by count and then by text. */
  readonly top: readonly CategoryCount[]
  /** The other values kept, most frequent first. */
  readonly rest: readonly CategoryCount[]
  /** Rows whose value is in neither list: more than a thousand values occurred and these are rarer than 1 %. */
  readonly beyond: number
  readonly distinct: number
  /** The weight of values that one row alone has; absent where each row counts as one. */
  readonly once?: number
}

export interface CategoryCount {
  readonly value: string
  readonly count: number
}

/** A timestamp or date column: it always moves, so its nulls are monitored, and the columns that are derived from it. */
export interface TimeProfile extends NamedProfile {
  readonly kind: 'time'
}

/** A column to profile. */
export interface ProfiledColumn {
  readonly name: string
  readonly type: ColumnType
  /** @default 'feature' */
  readonly role?: ColumnRole
  /** `category` makes an integer column codes rather than amounts. @default by type: text and boolean are categories */
  readonly as?: 'number' | 'category'
  /** @default 1 */
  readonly importance?: number
  /** A boolean column that is true where this one holds a default: null is counted there. */
  readonly missing?: string
  /** Whether its values follow from the row's time alone, see {@link calendarColumns}. @default false */
  readonly calendar?: boolean
  /** What it is computed from, as `fieldSources` of a service has it. */
  readonly sources?: readonly FieldSource[]
}

/** How a column is monitored. */
export function columnKind(column: ProfiledColumn): ColumnProfile['kind'] {
  if (column.as !== undefined) return column.as
  switch (column.type) {
    case 'text':
    case 'boolean':
      return 'category'
    case 'timestamp':
    case 'date':
      return 'time'
    case 'integer':
    case 'bigint':
    case 'double':
      return 'number'
    default:
      return 'number'
  }
}
