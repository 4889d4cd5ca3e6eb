import type { Expression } from '../../plan/expression.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { expressionColumns, withColumnNames } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import { expressionTexts } from '../algebra/expression-texts.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { RowKind } from './feature-kind.ts'

/** An expression over features of other views, as these were when the row could be served. */
export interface ViewedFeature extends FeaturePlan {
  readonly kind: 'viewed'
  readonly expression: Expression
}

export const viewed: RowKind<ViewedFeature> = {
  kind: 'viewed',
  stage: 'row',
  fields: { expression: expressionSchema },
  words: ({ expression }) => expressionText(expression),
  reads: ({ expression }) => expressionColumns(expression).map((column) => ({ of: 'source', column })),
  texts: ({ expression }, of) => expressionTexts(expression, (column) => of({ of: 'source', column })),
  renamedColumns: (feature, names) => ({ ...feature, expression: withColumnNames(feature.expression, names) }),
  value: ({ expression, type }, { leaves, typed }) => {
    const value = expressionSql(leaves, expression, typed)
    return type === 'double' && expression.kind !== 'column' ? leaves.finite(value) : value
  },
}
