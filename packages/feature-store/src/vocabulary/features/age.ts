import type { Expression } from '../../plan/expression.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { newestAge } from '../aggregates/newest-age.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { FactsKind } from './feature-kind.ts'

/** Days (fractional) from the newest fact before T to T. */
export interface AgeFeature extends FeaturePlan {
  readonly kind: 'age'
  readonly where: Expression | null
}

export const age: FactsKind<AgeFeature> = {
  kind: 'age',
  stage: 'facts',
  fields: { where: expressionSchema.nullable() },
  words: ({ where }) => `days since the newest fact${where === null ? '' : ` where ${expressionText(where)}`}`,
  reads: ({ where }) => expressionColumns(where).map((column) => ({ of: 'source', column })),
  parts: ({ where }) => [
    { kind: newestAge, plan: { function: newestAge.name, column: null, where }, window: { kind: 'lifetime' } },
  ],
  combine: (_, [days]) => {
    if (days === undefined) throw new Error('an age has a part')
    return days
  },
}
