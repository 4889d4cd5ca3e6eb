import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { DimensionPlan } from '../../plan/source-plan.ts'
import { attributeName, joinAttributes, joinForeign } from '../sources/as-of.ts'
import { dimension } from '../sources/dimension.ts'
import { sourceSchema } from '../sources/source-schema.ts'
import type { JoinedKind, Reading } from './feature-kind.ts'

/** A column of a dimension. */
export interface AttributePlan {
  readonly dimension: DimensionPlan
  readonly column: string
}

/** A column of another entity's dimension as of T: of the entity that an attribute names. */
export interface ForeignFeature extends FeaturePlan, AttributePlan {
  readonly kind: 'foreign'
  /** The attributes that lead there, each the key of the entity of the next: the first is the view's entity's own. */
  readonly via: readonly AttributePlan[]
}

export const foreign: JoinedKind<ForeignFeature> = {
  kind: 'foreign',
  stage: 'joined',
  fields: {
    dimension: sourceSchema(dimension),
    column: z.string(),
    via: z.array(z.looseObject({ dimension: sourceSchema(dimension), column: z.string() })),
  },
  words: ({ via, ...last }) => [words(last), ...via.toReversed().map(words)].join(' via '),
  reads: ({ via, ...last }) => [...via, last].map(reading),
  core: (feature, sourceCore) => {
    const core = ({ dimension: plan, column }: AttributePlan): unknown => sourceCore(plan, new Set([column]))
    const via = feature.via.map((step) => ({ dimension: core(step), column: step.column }))
    return { ...feature, dimension: core(feature), via }
  },
  join: (frame, rows, features) => {
    const joins = new Map<string, ForeignJoin>()
    for (const { via, ...last } of features) register(joins, via, last)
    let joined = rows
    for (const { dimension: plan, columns, alias, key } of joins.values()) {
      joined =
        key === undefined
          ? joinAttributes(frame, joined, plan, [...columns], alias)
          : joinForeign(frame.leaves, joined, { key, dimension: plan, columns: [...columns], alias })
    }
    return { rows: joined, values: features.map(({ via, ...last }) => sql.id(register(joins, via, last))) }
  },
}

/** A dimension that some path leads to, joined once for all columns that are read there. */
interface ForeignJoin {
  readonly dimension: DimensionPlan
  readonly columns: Set<string>
  readonly alias: string
  /** The column of the rows that holds its entity's key; undefined: it is the view's own entity. */
  readonly key: string | undefined
}

/** Notes what a path needs, what comes first in front. Returns the name of the column with the attribute at its end. */
function register(
  joins: Map<string, ForeignJoin>,
  via: readonly AttributePlan[],
  { dimension: plan, column }: AttributePlan,
): string {
  const before = via.at(-1)
  const key = before === undefined ? undefined : register(joins, via.slice(0, -1), before)
  const id = JSON.stringify([via, plan])
  const join = joins.get(id) ?? { dimension: plan, columns: new Set<string>(), alias: `f${joins.size}`, key }
  joins.set(id, join)
  join.columns.add(column)
  return attributeName(join.alias, column)
}

function words({ dimension: plan, column }: AttributePlan): string {
  return `${plan.table}.${column}`
}

function reading({ dimension: table, column }: AttributePlan): Reading {
  return { of: 'table', table, column }
}
