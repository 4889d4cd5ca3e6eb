import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { pointsOf } from '../count/counted-edges.ts'
import { measuredColumn } from '../count/measured-column.ts'
import type { NumericProfile } from '../profile/reference-profile.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import type { ExactGaps } from './measure.ts'
import { numbersOf } from '../count/numbers-of.ts'

/**
 * The exact Kolmogorov-Smirnov gap and Wasserstein-1 distance from the rows of both sides, computed inside the warehouse: the
 * rows are counted by value and summed along the values; only the largest gap and the areas leave it.
 */
export async function exactGaps(
  warehouse: Warehouse,
  reference: Relation,
  current: Relation,
  profile: NumericProfile,
): Promise<ExactGaps> {
  const batch = await warehouse.read(exactGapsSql(warehouse, reference, current, profile))
  const [scaled = 0, raw = 0, inside = 0, shift = 0] = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  return { ks: { scaled }, distances: { raw, inside, shift } }
}

/**
 * The statement of {@link exactGaps}. Its single row is max |i·m − j·n|, ∫|F − G|, the same between the winsor limits, and
 * ∫(F − G) between them.
 */
export function exactGapsSql(
  warehouse: Warehouse,
  reference: Relation,
  current: Relation,
  profile: NumericProfile,
): Sql {
  const { leaves } = warehouse
  const { value } = measuredColumn(leaves, profile.type, sql.id(profile.name), profile.origin)
  const spelled = (x: number): Sql => sql.raw(`(${x.toExponential()})`)
  // Values that the bins count as one are one value here, too.
  const points = pointsOf(profile.edges).map(
    ({ above, upTo, value: point }) => sql`WHEN v > ${spelled(above)} AND v <= ${spelled(upTo)} THEN ${spelled(point)}`,
  )
  const plain = points.length === 0 ? sql`v + 0` : sql`CASE ${sql.join(points, sql` `)} ELSE v + 0 END`
  const side = (relation: Relation, left: number, right: number): Sql =>
    sql`
      SELECT v, ${sql.raw(String(left))} AS l, ${sql.raw(String(right))} AS r
      FROM (SELECT ${value} AS v FROM ${fromRelation(relation)}) AS side_rows
      WHERE v IS NOT NULL
    `
  const both = sql`${side(reference, 1, 0)} UNION ALL ${side(current, 0, 1)}`
  // −0 + 0 is 0, so the two zeros are one value.
  const counted = sql`
    SELECT u, ${leaves.toDouble(sql`SUM(l)`)} AS l, ${leaves.toDouble(sql`SUM(r)`)} AS r
    FROM (SELECT ${plain} AS u, l, r FROM (${both}) AS both_rows) AS plain_rows
    GROUP BY u
  `
  const along = sql`(ORDER BY u ASC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
  const running = sql`
    SELECT u, SUM(l) OVER ${along} AS i, SUM(r) OVER ${along} AS j, SUM(l) OVER () AS n, SUM(r) OVER () AS m,
      LEAD(u) OVER (ORDER BY u ASC NULLS LAST) AS upper_u
    FROM (${counted}) AS value_counts
  `
  const [low, high] = (profile.limits ?? [0, 0]).map((limit) => sql.raw(`(${limit.toExponential()})`))
  const clamp = (x: string): Sql =>
    sql`CASE WHEN ${sql.raw(x)} < ${low} THEN ${low} WHEN ${sql.raw(x)} > ${high} THEN ${high} ELSE ${sql.raw(x)} END`
  const gap = sql.raw('ABS(i / n - j / m)')
  return sql`
    SELECT ${leaves.toDouble(sql`MAX(ABS(i * m - j * n))`)} AS g,
      COALESCE(SUM(${gap} * (upper_u - u)), 0) AS a,
      COALESCE(SUM(${gap} * (${clamp('upper_u')} - ${clamp('u')})), 0) AS b,
      COALESCE(SUM((i / n - j / m) * (${clamp('upper_u')} - ${clamp('u')})), 0) AS c
    FROM (${running}) AS running_counts
  `
}
