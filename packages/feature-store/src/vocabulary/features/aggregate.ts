import type { AggregatePlan, CombinedPlan, FeaturePlan, WindowPlan } from '../../plan/feature-plan.ts'
import { aggregatePlans, aggregateReads, aggregateWords, computedSchema } from '../aggregates/aggregate-plan.ts'
import { combinationOf, isCombined } from '../aggregates/combinations.ts'
import { aggregateKind } from '../aggregates/list.ts'
import { windowKind } from '../windows/list.ts'
import { windowSchema } from '../windows/window-schema.ts'
import type { FactsKind, Reading } from './feature-kind.ts'

/** An aggregate of a fact, or what is made of several, over a window. */
export interface AggregateFeature extends FeaturePlan {
  readonly kind: 'aggregate'
  readonly aggregate: AggregatePlan | CombinedPlan
  readonly window: WindowPlan
}

export const aggregate: FactsKind<AggregateFeature> = {
  kind: 'aggregate',
  stage: 'facts',
  fields: { aggregate: computedSchema, window: windowSchema },
  words: (feature) => `${aggregateWords(feature.aggregate)} ${windowKind(feature.window).words(feature.window)}`,
  reads: (feature) => [
    ...aggregateReads(feature.aggregate).map((column): Reading => ({ of: 'source', column })),
    ...(windowKind(feature.window).reads?.(feature.window) ?? []),
  ],
  // An aggregate that is a text is a value of its column.
  texts: ({ aggregate: plan }, of) =>
    isCombined(plan) || plan.column === null ? undefined : of({ of: 'source', column: plan.column }),
  core: (feature, sourceCore) => {
    const window = windowKind(feature.window).core?.(feature.window, sourceCore)
    return window === undefined ? feature : { ...feature, window }
  },
  parts: ({ aggregate: plan, window }) =>
    aggregatePlans(plan).map((one) => ({ kind: aggregateKind(one.function), plan: one, window })),
  combine: (leaves, values, { aggregate: plan }) => {
    const [value] = values
    if (value === undefined) throw new Error('an aggregate has a part')
    return combinationOf(plan)?.combine(leaves, values) ?? value
  },
  empty: ({ aggregate: plan }) =>
    isCombined(plan) ? (combinationOf(plan)?.empty ?? null) : aggregateKind(plan.function).empty,
}
