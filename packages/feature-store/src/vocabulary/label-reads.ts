import type { LabelPlan } from '../plan/label-plan.ts'
import { aggregateReads } from './aggregates/aggregate-plan.ts'
import { expressionColumns } from './algebra/expression-columns.ts'

/** The columns of its fact that a label's value is made of. */
export function labelReads({ aggregate }: LabelPlan): readonly string[] {
  return isHappens(aggregate) ? expressionColumns(aggregate.where) : aggregateReads(aggregate)
}

export function isHappens(
  aggregate: LabelPlan['aggregate'],
): aggregate is Extract<LabelPlan['aggregate'], { readonly function: 'happens' }> {
  return aggregate.function === 'happens'
}
