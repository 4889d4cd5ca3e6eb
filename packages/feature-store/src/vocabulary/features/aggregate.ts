import { z } from 'zod'
import type { AggregatePlan, FeaturePlan, RatioPlan, WindowPlan } from '../../plan/feature-plan.ts'
import {
  aggregatePlans,
  aggregateReads,
  aggregateSchema,
  aggregateWords,
  ratioSchema,
} from '../aggregates/aggregate-plan.ts'
import { aggregateKind } from '../aggregates/list.ts'
import { windowKind } from '../windows/list.ts'
import { windowSchema } from '../windows/window-schema.ts'
import type { FactsKind, Reading } from './feature-kind.ts'

/** An aggregate of a fact, or the ratio of two, over a window. */
export interface AggregateFeature extends FeaturePlan {
  readonly kind: 'aggregate'
  readonly aggregate: AggregatePlan | RatioPlan
  readonly window: WindowPlan
}

export const aggregate: FactsKind<AggregateFeature> = {
  kind: 'aggregate',
  stage: 'facts',
  fields: { aggregate: z.union([ratioSchema, aggregateSchema]), window: windowSchema },
  words: (feature) => `${aggregateWords(feature.aggregate)} ${windowKind(feature.window).words(feature.window)}`,
  reads: (feature) => [
    ...aggregateReads(feature.aggregate).map((column): Reading => ({ of: 'source', column })),
    ...(windowKind(feature.window).reads?.(feature.window) ?? []),
  ],
  core: (feature, sourceCore) => {
    const window = windowKind(feature.window).core?.(feature.window, sourceCore)
    return window === undefined ? feature : { ...feature, window }
  },
  parts: ({ aggregate: plan, window }) =>
    aggregatePlans(plan).map((one) => ({ kind: aggregateKind(one.function), plan: one, window })),
  combine: (leaves, values) => {
    const [value, divisor] = values
    if (value === undefined) throw new Error('an aggregate has a part')
    return divisor === undefined ? value : leaves.divide(value, divisor)
  },
}
