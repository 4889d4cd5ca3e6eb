import { z } from 'zod'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { RowKind } from './feature-kind.ts'

/** A column of a table whose rows are passed through. */
export interface ColumnFeature extends FeaturePlan {
  readonly kind: 'column'
  readonly column: string
}

export const column: RowKind<ColumnFeature> = {
  kind: 'column',
  stage: 'row',
  fields: { column: z.string() },
  words: (feature) => `column ${feature.column}`,
  reads: (feature) => [{ of: 'source', column: feature.column }],
  texts: (feature, of) => of({ of: 'source', column: feature.column }),
  value: (feature, row) => row.column(feature.column),
}
