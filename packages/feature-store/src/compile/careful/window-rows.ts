import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { nearPairs, reachWithin } from '../joins/near.ts'
import { joinedColumns, pointsWithEvents, rankedPairs } from '../joins/plain.ts'
import { PointEdges } from '../points/point-edges.ts'
import type { Scope } from '../scope.ts'
import { roundingOf } from '../window-feature.ts'

/** An aggregate that is computed again, with its number among them. */
export interface CarefulPart {
  readonly k: number
  readonly part: WindowedAggregate
}

/**
 * `(e, t, k, x, y)`: one row for each point, each aggregate `k` and each event of its window that has a value `x`. `y`
 * is the second column, or the time in µs from the first event; null for an aggregate of one column.
 */
export function windowRows(scope: Scope, source: EventsPlan, parts: readonly CarefulPart[]): Sql {
  const reach = ({ part: { window } }: CarefulPart): number | null => reachWithin(scope, window)
  const ranked = parts.filter(({ part: { window } }) => windowKind(window).ranked === true)
  const near = parts.filter((one) => !ranked.includes(one) && reach(one) !== null)
  const far = parts.filter((one) => !ranked.includes(one) && !near.includes(one))
  const longest = Math.max(...near.map((one) => reach(one) ?? 0))
  const rows = [
    ...(near.length === 0
      ? []
      : [joinedRows(scope, source, near, (inputs, points) => nearPairs(scope, source, inputs, points, longest, []))]),
    ...(far.length === 0
      ? []
      : [joinedRows(scope, source, far, (inputs, points) => pointsWithEvents(scope, source, inputs, points))]),
    ...ranked.map((one) => rankedRows(scope, source, one)),
  ]
  const all = sql.join(rows, sql` UNION ALL `)
  if (!parts.some(({ part }) => roundingOf(source, part)?.against === 'time')) return all
  // Differences of times are exact, however far from T they lie; the times themselves may have more digits than a double.
  const since = sql`us - MIN(us) OVER (PARTITION BY e, t, k)`
  return sql`
    SELECT e, t, k, x, CASE WHEN us IS NULL THEN y ELSE ${scope.leaves.toDouble(since)} END AS y
    FROM (${all}) timed
  `
}

function joinedRows(
  scope: Scope,
  source: EventsPlan,
  parts: readonly CarefulPart[],
  pairs: (inputs: TermSet['inputs'], points: PointEdges) => Sql,
): Sql {
  const inputs = new TermSet()
  const points = new PointEdges(scope)
  const values = parts.map(({ k, part }) => {
    const [first, second] = joinedColumns(source, inputs, part, points)
    return { k, ...columnsOf(scope, source, part, first.sql, second.sql) }
  })
  const pick = (name: 'x' | 'y' | 'us'): Sql =>
    sql`CASE ${sql.join(
      values.map((one) => sql`WHEN k.k = ${integer(one.k)} THEN ${one[name]}`),
      sql` `,
    )} END AS ${sql.id(name)}`
  const numbers = parts.map(({ k }) => sql`SELECT CAST(${integer(k)} AS ${scope.leaves.columnType('bigint')}) AS k`)
  return sql`
    SELECT *
    FROM (SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, sql`k.k AS k`, pick('x'), pick('y'), pick('us')])}
      FROM ${pairs(inputs.inputs, points)}
      CROSS JOIN (${sql.join(numbers, sql` UNION ALL `)}) k) pairs
    WHERE x IS NOT NULL
  `
}

function rankedRows(scope: Scope, source: EventsPlan, { k, part }: CarefulPart): Sql {
  const { x, y, us } = columnsOf(scope, source, part, sql`v.x`, part.plan.second === undefined ? sql`v.x` : sql`v.y`)
  const columns = [
    sql`p.e AS e`,
    sql`p.t AS t`,
    sql`${integer(k)} AS k`,
    sql`${x} AS x`,
    sql`${y} AS y`,
    sql`${us} AS us`,
  ]
  return sql`
    SELECT *
    FROM (SELECT ${sql.join(columns)}
      FROM ${rankedPairs(scope, source, part)}) ranked
    WHERE x IS NOT NULL
  `
}

/** Both values as doubles, of an aggregate of two columns both or neither; and the time, where x is held against it. */
function columnsOf(
  { leaves }: Scope,
  source: EventsPlan,
  part: WindowedAggregate,
  first: Sql,
  second: Sql,
): { readonly x: Sql; readonly y: Sql; readonly us: Sql } {
  const x = leaves.toDouble(first)
  const none = sql`CAST(NULL AS ${leaves.columnType('bigint')})`
  if (part.plan.second !== undefined)
    return { x: sql`CASE WHEN ${second} IS NOT NULL THEN ${x} END`, y: leaves.toDouble(second), us: none }
  const us = roundingOf(source, part)?.against === 'time' ? sql`v.us` : none
  return { x, y: leaves.toDouble(sql`NULL`), us }
}
