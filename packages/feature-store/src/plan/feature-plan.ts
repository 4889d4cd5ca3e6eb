import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from './expression.ts'
import type { ComputedColumn } from './source-plan.ts'

/** Microseconds. All durations in plans are fixed lengths of time, never calendar units. */
export type Micros = number

export type AggregateParameters = Readonly<Record<string, number>>

export interface AggregatePlan {
  /** The name of an aggregate in `vocabulary/aggregates`. */
  readonly function: string
  /** Null only for `count` of rows. Nulls and non-finite numbers in the column are skipped by every aggregate. */
  readonly column: string | null
  /** The other column of an aggregate of two. */
  readonly second?: string
  /** What it takes beside columns, such as the probability of a percentile. */
  readonly parameters?: AggregateParameters
  /** By a sketch of the engine, where that is what computes it. */
  readonly approximate?: true
  readonly where: Expression | null
  /** The columns among these two that are expressions of this aggregate alone. */
  readonly computed?: readonly ComputedColumn[]
}

export interface RatioPlan {
  readonly function: 'ratio'
  readonly numerator: AggregatePlan
  readonly denominator: AggregatePlan
}

/** Whether a condition is true of some row. */
export interface AnyPlan {
  readonly function: 'any'
  /** The count of the rows for which the condition is true: of a computed column that is null where it is not. */
  readonly matching: AggregatePlan
}

/** Whether a condition is true of every row. */
export interface AllPlan {
  readonly function: 'all'
  readonly matching: AggregatePlan
  /** The count of all rows. */
  readonly rows: AggregatePlan
}

/** What is made of several aggregates. Its kinds stand in `vocabulary/aggregates/combinations`. */
export type CombinedPlan = RatioPlan | AnyPlan | AllPlan

/**
 * Which facts of an entity count at feature time T. All of them lie strictly before T. Its kinds stand in
 * `vocabulary/windows`.
 */
export interface WindowPlan {
  readonly kind: string
}

/** One column of a feature view. What its kind adds is known to `vocabulary/features`. */
export interface FeaturePlan {
  readonly kind: string
  readonly name: string
  /** The name that it had in earlier revisions; its values are the same. */
  readonly renamedFrom?: string
  readonly type: ColumnType
  readonly nullable: boolean
}
