import { z } from 'zod'
import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import { expressionColumns, withColumnNames } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import { expressionText } from '../algebra/expression-words.ts'
import { integer } from '../algebra/integer.ts'
import type { TypedSql } from '../algebra/typed-sql.ts'
import { standingKind } from '../standings/list.ts'
import type { StandingFeatureKind } from './feature-kind.ts'

/** Where a value of the row stands among those of all rows of the same feature time. */
export interface StandingFeature extends FeaturePlan {
  readonly kind: 'standing'
  /** The name of a standing in `vocabulary/standings`. */
  readonly standing: string
  readonly of: Expression
  /** Only rows with the same value here count; null: all rows do. */
  readonly within: Expression | null
  /** Into how many parts everybody is divided, where it is. */
  readonly parts: number | null
}

export const standing: StandingFeatureKind<StandingFeature> = {
  kind: 'standing',
  stage: 'everybody',
  fields: {
    standing: z.string(),
    of: expressionSchema,
    within: expressionSchema.nullable(),
    parts: z.number().nullable(),
  },
  words: ({ standing: name, of, within, parts }) =>
    `${name}${parts === null ? '' : `(${parts})`} of ${expressionText(of)} among ` +
    (within === null ? 'everybody' : `those with the same ${expressionText(within)}`),
  reads: ({ of, within }) =>
    [...expressionColumns(of), ...expressionColumns(within)].map((feature) => ({ of: 'row', feature })),
  renamed: (feature, names) => ({
    ...feature,
    of: withColumnNames(feature.of, names),
    within: feature.within === null ? null : withColumnNames(feature.within, names),
  }),
  join: joinStanding,
}

/** The rows `(e, t, …)` with the feature; nulls take no part and get null. */
function joinStanding(feature: StandingFeature, leaves: Leaves, rows: Sql, other: (name: string) => TypedSql): Sql {
  const kind = standingKind(feature.standing)
  const [x, group, scaled] = ['x', 'group', 'scaled'].map((name) => sql.id(`${feature.name}__${name}`))
  if (x === undefined || group === undefined || scaled === undefined) throw new Error('a standing has three columns')
  const grouped = feature.within !== null
  const counted = grouped ? sql`${x} IS NULL OR ${group} IS NULL` : sql`${x} IS NULL`
  const partition = sql`t, ${grouped ? sql`${group}, ` : sql``}(${counted})`
  const over = (order?: Sql): Sql =>
    sql`OVER (PARTITION BY ${partition}${order === undefined ? sql`` : sql` ORDER BY ${order}`})`
  const within = feature.within === null ? [] : [sql`${expressionSql(leaves, feature.within, other)} AS ${group}`]
  const own = sql`SELECT ${sql.join([sql`*`, sql`${expressionSql(leaves, feature.of, other)} AS ${x}`, ...within])} FROM (${rows}) r`
  const greatest = sql`NULLIF(MAX(ABS(${leaves.toDouble(x)})) ${over()}, 0)`
  const sized =
    kind.scaled === true ? sql`SELECT *, ${leaves.toDouble(x)} / ${greatest} AS ${scaled} FROM (${own}) own` : own
  const parts = integer(feature.parts ?? 1)
  const value = kind.value({ leaves, x, scaled, parts, over })
  const placed = sql`CASE WHEN ${counted} THEN NULL ELSE ${value} END`
  return sql`SELECT *, CAST(${placed} AS ${leaves.columnType(feature.type)}) AS ${sql.id(feature.name)} FROM (${sized}) sized`
}
