import type { ColumnType } from '@martlet/warehouse'
import type { AggregatePlan, CombinedPlan, Micros } from './feature-plan.ts'
import type { EntityPlan, EventsPlan } from './source-plan.ts'

/**
 * What a model learns to predict for a spine row at t: an aggregate over `[t + gap, t + gap + length)`.
 * It is missing (null), not 0, while t + gap + length + maturity lies after the end of the data.
 */
export interface LabelPlan {
  readonly name: string
  readonly type: ColumnType
  readonly entity: EntityPlan
  readonly fact: EventsPlan
  /** What is made of the facts in the window; its kinds stand in `vocabulary/outcomes`. */
  readonly aggregate: AggregatePlan | CombinedPlan | HappensPlan | NextPlan | TimeToPlan
  readonly gap: Micros
  readonly length: Micros
  /** So many windows, one after the other, each a column of its own; absent: one. */
  readonly steps?: number
  readonly maturity: Micros
}

/** True when at least one fact lies in the window. */
export interface HappensPlan {
  readonly function: 'happens'
  readonly where: AggregatePlan['where']
}

/** A column of the first fact in the window, or 'none'. */
export interface NextPlan {
  readonly function: 'next'
  readonly column: string
  readonly where: AggregatePlan['where']
}

/** Days from t to the first fact in the window and whether it was seen; until then, the days without it. */
export interface TimeToPlan {
  readonly function: 'timeTo'
  readonly where: AggregatePlan['where']
}
