import type { Expression } from '../../plan/expression.ts'
import type { AggregatePlan } from '../../plan/feature-plan.ts'

/** For which events an aggregate has a value. */
export function valueWhere({ where, condition }: Pick<AggregatePlan, 'where' | 'condition'>): Expression | null {
  if (condition === undefined) return where
  return where === null ? condition : { kind: 'binary', operator: 'and', left: where, right: condition }
}
