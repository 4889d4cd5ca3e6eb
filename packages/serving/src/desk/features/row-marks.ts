import type { Gap } from './vector-gaps.ts'

/** What is known of the row that was written last. */
export interface RowMarks {
  /** Where its times begin and end in the output. */
  times: number
  timesEnd: number
  readonly gaps: readonly Gap[]
}
