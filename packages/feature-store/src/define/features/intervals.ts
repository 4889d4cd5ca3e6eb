declare const interval: unique symbol

/** What rows of intervals have beside their columns. */
export type IntervalMark = typeof interval

/** Anything on a fact of intervals, and a sentence on one of instants. */
export type OnIntervals<R> = IntervalMark extends keyof R
  ? unknown
  : 'rows of this fact have no end; declare the table with intervals(…, { start, end })'
