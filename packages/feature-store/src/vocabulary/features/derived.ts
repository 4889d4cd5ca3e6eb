import type { Expression } from '../../plan/expression.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { expressionColumns, withColumnNames } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import { expressionTexts } from '../algebra/expression-texts.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { DerivedKind } from './feature-kind.ts'

/** An expression over other features of the same row. */
export interface DerivedFeature extends FeaturePlan {
  readonly kind: 'derived'
  readonly expression: Expression
}

export const derived: DerivedKind<DerivedFeature> = {
  kind: 'derived',
  stage: 'derived',
  fields: { expression: expressionSchema },
  words: ({ expression }) => expressionText(expression),
  reads: ({ expression }) => expressionColumns(expression).map((feature) => ({ of: 'row', feature })),
  texts: ({ expression }, of) => expressionTexts(expression, (feature) => of({ of: 'row', feature })),
  renamed: (feature, names) => ({ ...feature, expression: withColumnNames(feature.expression, names) }),
  value: ({ expression }, leaves, other) => expressionSql(leaves, expression, other),
}
