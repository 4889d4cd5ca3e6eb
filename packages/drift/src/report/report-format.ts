import type { DriftResult } from '../verdict/result.ts'

/** A way to write a result down. */
export interface ReportFormat {
  /** Its name where a format is asked for. */
  readonly name: string
  /** The ending of its files, without a dot. */
  readonly extension: string
  /** The whole file; the same result gives the same bytes. */
  readonly render: (result: DriftResult) => string
}
