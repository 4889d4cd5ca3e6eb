import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from './expression.ts'
import type { DimensionPlan } from './source-plan.ts'

/** Microseconds. All durations in plans are fixed lengths of time, never calendar units. */
export type Micros = number

export type AggregateFunction =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'stddev'
  | 'variance'
  | 'first'
  | 'last'
  | 'distinct'
  | 'slope'

export interface AggregatePlan {
  readonly function: AggregateFunction
  /** Null only for `count` of rows. Nulls and non-finite numbers in the column are skipped by every aggregate. */
  readonly column: string | null
  readonly where: Expression | null
}

export interface RatioPlan {
  readonly function: 'ratio'
  readonly numerator: AggregatePlan
  readonly denominator: AggregatePlan
}

/** Which facts of an entity count at feature time T. All of them lie strictly before T. */
export type WindowPlan =
  /** `[T - shift - length, T - shift)` */
  | { readonly kind: 'time'; readonly length: Micros; readonly shift: Micros }
  /** the newest `rows` facts (after `where`) */
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'lifetime' }

export type CalendarPart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'dayOfYear'
  | 'dayOfMonth'
  | 'dayOfWeek'
  | 'hour'
  | 'isWeekend'

interface NamedFeature {
  readonly name: string
  /** The name that it had in revisions before: the values are the same ones. */
  readonly renamedFrom?: string
  readonly type: ColumnType
  readonly nullable: boolean
}

/** One column of a feature view. */
export type FeaturePlan =
  | (NamedFeature & {
      readonly kind: 'aggregate'
      readonly aggregate: AggregatePlan | RatioPlan
      readonly window: WindowPlan
    })
  /** Days (fractional) from the newest fact before T to T. */
  | (NamedFeature & { readonly kind: 'age'; readonly where: Expression | null })
  /** A part of T in the view's zone; dayOfWeek is ISO (Monday 1). */
  | (NamedFeature & { readonly kind: 'calendar'; readonly part: CalendarPart })
  | (NamedFeature & { readonly kind: 'attribute'; readonly dimension: DimensionPlan; readonly column: string })
  /** A column of a precomputed table. */
  | (NamedFeature & { readonly kind: 'column'; readonly column: string })
  | (NamedFeature & { readonly kind: 'derived'; readonly expression: Expression })

/** A feature made of the facts before T. */
export type WindowFeature = Extract<FeaturePlan, { readonly kind: 'aggregate' | 'age' }>
