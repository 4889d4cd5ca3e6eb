import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { Predicate } from '../../define/features/measure.ts'
import type { AllPlan } from '../../plan/feature-plan.ts'
import { aggregateSchema } from './aggregate-schema.ts'
import { conditionWords } from './condition-words.ts'
import type { CombinationKind } from './combination-kind.ts'

export interface All<R> {
  /** Whether the condition is true of every row; null in an empty window. */
  all(condition: Predicate<R>): Aggregate<boolean | null, R>
}

export const all: CombinationKind<AllPlan> = {
  function: 'all',
  fields: { matching: aggregateSchema, rows: aggregateSchema },
  type: 'boolean',
  empty: null,
  parts: ({ matching, rows }) => [matching, rows],
  combine: (_, [matching = sql`NULL`, rows = sql`NULL`]) => sql`CASE WHEN ${rows} > 0 THEN ${matching} = ${rows} END`,
  words: ({ matching }) => conditionWords('all', matching),
}
