import type { AggregatePlan, CombinedPlan } from '../../plan/feature-plan.ts'
import { aggregateReads, aggregateWords, computedSchema } from '../aggregates/aggregate-plan.ts'
import type { OutcomeKind } from './outcome-kind.ts'

/** An aggregate of the facts in the window, or what is made of several. */
export const aggregate: OutcomeKind<AggregatePlan | CombinedPlan> = {
  schema: computedSchema,
  words: aggregateWords,
  reads: aggregateReads,
  measured: (plan, { type }) => [{ aggregate: plan, type }],
  value: ({ typed }) => typed,
}
