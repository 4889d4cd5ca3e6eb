/** A figure in one window. */
export interface SeriesPoint {
  /** The window; ISO 8601. */
  readonly from: string
  readonly to: string
  /** Null where it could not be measured. */
  readonly value: number | null
  /** Its interval, where it has one. */
  readonly low?: number | null
  readonly high?: number | null
  /** What it is compared with in this window: a baseline, an estimate, the champion. */
  readonly compared?: number | null
  /** Left out where nobody need look. */
  readonly alert?: 'warn' | 'crit'
}

/** A figure over time that a report draws, such as the accuracy of predictions. */
export interface ReportSeries {
  /** What is measured, such as `Log loss`. */
  readonly title: string
  /** What it says, in a sentence; how much of the truth was there, what the estimate assumes. */
  readonly sentence: string
  /** The unit behind figures; empty: none. */
  readonly unit: string
  /** What `compared` of the points is, such as `baseline`. */
  readonly comparedWith?: string
  /** Oldest first. */
  readonly points: readonly SeriesPoint[]
}
