import type { DimensionPlan, FactPlan } from './source-plan.ts'

/** How the events of a source are written; what its kind adds is known to `ingest/formats`. */
export interface FormatPlan {
  readonly kind: string
}

/** A topic of Kafka that a source is read from. How its cluster is reached stands in the configuration, not here. */
export interface TopicPlan {
  readonly kind: 'kafka'
  readonly topic: string
  /** The consumer group; null: `martlet-` and the source's name. */
  readonly group: string | null
  /** Where the first run begins. */
  readonly start: 'earliest' | 'latest'
  /** What to do when the topic ends before the place that was read last. */
  readonly recreated: 'stop' | 'earliest'
  /** The topic that gets what is not valid. */
  readonly deadLetters: string | null
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
  /** The topic that the source is read from; null: it is not read from any. */
  readonly from: TopicPlan | null
}
