import { z } from 'zod'
import type { AggregatePlan, RatioPlan } from '../../plan/feature-plan.ts'
import { aggregateReads, aggregateSchema, aggregateWords, ratioSchema } from '../aggregates/aggregate-plan.ts'
import type { OutcomeKind } from './outcome-kind.ts'

/** An aggregate of the facts in the window, or the ratio of two. */
export const aggregate: OutcomeKind<AggregatePlan | RatioPlan> = {
  schema: z.union([ratioSchema, aggregateSchema]),
  words: aggregateWords,
  reads: aggregateReads,
  measured: (plan, { type }) => [{ aggregate: plan, type }],
  value: ({ typed }) => typed,
}
