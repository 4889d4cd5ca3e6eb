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
  /** `happens` is true when at least one fact (after `where`) lies in the window. */
  readonly aggregate:
    | AggregatePlan
    | CombinedPlan
    | { readonly function: 'happens'; readonly where: AggregatePlan['where'] }
  readonly gap: Micros
  readonly length: Micros
  readonly maturity: Micros
}
