import type { AggregatePlan, CombinedPlan } from '../../plan/feature-plan.ts'
import { all, type All } from './all.ts'
import { any, type Any } from './any.ts'
import type { CombinationKind } from './combination-kind.ts'
import { ratio } from './ratio.ts'

/** Everything that is made of several aggregates. */
export const combinations: readonly CombinationKind[] = [ratio, any, all]

/** The methods of `f` that take a condition. */
export type ConditionWords<R> = Any<R> & All<R>

const byFunction = new Map(combinations.map((one) => [one.function, one]))

/** What a plan combines; undefined for a plain aggregate. */
export function combinationOf(plan: AggregatePlan | CombinedPlan): CombinationKind | undefined {
  return isCombined(plan) ? byFunction.get(plan.function) : undefined
}

export function isCombined(plan: AggregatePlan | CombinedPlan): plan is CombinedPlan {
  return !('column' in plan)
}
