import { z } from 'zod'
import { sql, type Sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { DimensionPlan } from '../../plan/source-plan.ts'
import { attributeName, joinAttributes } from '../sources/as-of.ts'
import { dimension } from '../sources/dimension.ts'
import { sourceSchema } from '../sources/source-schema.ts'
import type { JoinedKind } from './feature-kind.ts'

/** A column of a dimension as of T. */
export interface AttributeFeature extends FeaturePlan {
  readonly kind: 'attribute'
  readonly dimension: DimensionPlan
  readonly column: string
}

export const attribute: JoinedKind<AttributeFeature> = {
  kind: 'attribute',
  stage: 'joined',
  fields: { dimension: sourceSchema(dimension), column: z.string() },
  words: (feature) => `${feature.dimension.table}.${feature.column}`,
  reads: (feature) => [{ of: 'table', table: feature.dimension, column: feature.column }],
  texts: ({ dimension: table, column }, of) => of({ of: 'table', table, column }),
  core: (feature, sourceCore) => ({
    ...feature,
    dimension: sourceCore(feature.dimension, new Set([feature.column])),
  }),
  join: (frame, rows, features) => {
    const identity = ({ dimension: plan }: AttributeFeature): string => JSON.stringify(plan)
    const groups = [...Map.groupBy(features, identity).values()]
    let joined: Sql = rows
    const names = new Map<AttributeFeature, string>()
    for (const [i, group] of groups.entries()) {
      const [one] = group
      if (one === undefined) continue
      const columns = [...new Set(group.map((feature) => feature.column))]
      joined = joinAttributes(frame, joined, one.dimension, columns, `d${i}`)
      for (const feature of group) names.set(feature, attributeName(`d${i}`, feature.column))
    }
    return { rows: joined, values: features.map((feature) => sql.id(names.get(feature) ?? feature.name)) }
  },
}
