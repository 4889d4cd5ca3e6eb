import { sql } from '@martlet/warehouse'
import type { RatioPlan } from '../../plan/feature-plan.ts'
import { aggregateSchema } from './aggregate-schema.ts'
import type { CombinationKind } from './combination-kind.ts'

export const ratio: CombinationKind<RatioPlan> = {
  function: 'ratio',
  fields: { numerator: aggregateSchema, denominator: aggregateSchema },
  type: 'double',
  empty: null,
  parts: ({ numerator, denominator }) => [numerator, denominator],
  combine: (leaves, [over = sql`NULL`, under = sql`NULL`]) => leaves.divide(over, under),
  words: ({ numerator, denominator }, part) => `${part(numerator)} / ${part(denominator)}`,
}
