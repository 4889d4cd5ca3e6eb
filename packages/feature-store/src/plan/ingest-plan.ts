import type { DimensionPlan, FactPlan } from './source-plan.ts'

/** How the events of a source are written; what its kind adds is known to `ingest/formats`. */
export interface FormatPlan {
  readonly kind: string
}

/** Where events come from, what they are, and which table they become rows of. */
export interface IngestPlan<F extends FormatPlan = FormatPlan> {
  readonly kind: 'ingest'
  readonly name: string
  /** The table that gets the rows; its columns are the schema of an event. */
  readonly into: FactPlan | DimensionPlan
  /** The columns that say which event it is. */
  readonly id: readonly string[]
  /** The column that gets the arrival time; null: none does. */
  readonly arrived: string | null
  readonly format: F
}
