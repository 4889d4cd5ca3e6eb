/** A figure in one window. */
export interface SeriesPoint {
  /** The window; ISO 8601. */
  readonly from: string
  readonly to: string
  /** Null where it could not be measured. */
  readonly value: number | null
  /** Its interval. */
  readonly low: number | null
  readonly high: number | null
  /** What it is compared with in this window. */
  readonly compared: number | null
  /** Left out where nobody need look. */
  readonly alert?: 'warn'
}

/** A figure over time that a report draws. */
export interface ReportSeries {
  /** What is measured, such as `Log loss`. */
  readonly title: string
  /** What it says, in a sentence. */
  readonly sentence: string
  /** What `compared` of the points is, such as `the reference`. */
  readonly comparedWith: string
  /** Oldest first. */
  readonly points: readonly SeriesPoint[]
}
