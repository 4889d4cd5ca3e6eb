import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { Predicate } from '../../define/features/measure.ts'
import type { AnyPlan } from '../../plan/feature-plan.ts'
import { aggregateSchema } from './aggregate-schema.ts'
import { conditionWords } from './condition-words.ts'
import type { CombinationKind } from './combination-kind.ts'

export interface Any<R> {
  /** Whether the condition is true of at least one row; false in an empty window. */
  any(condition: Predicate<R>): Aggregate<boolean, R>
}

export const any: CombinationKind<AnyPlan> = {
  function: 'any',
  fields: { matching: aggregateSchema },
  type: 'boolean',
  empty: false,
  parts: ({ matching }) => [matching],
  combine: (_, [matching = sql`NULL`]) => sql`(${matching} > 0)`,
  words: ({ matching }) => conditionWords('any', matching),
}
