import { sql, type Sql } from '@martlet/warehouse'
import { edgeRows, type Edge } from './arrival-log.ts'
import { mergeOf, mergeOver, momentId, type Moment } from '../../vocabulary/algebra/moments.ts'
import { pointTable, type Scope } from '../scope.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { RunningTerm } from '../../vocabulary/algebra/terms.ts'

/**
 * Turns logs `(e, edge, j, moments)` into `(e, j, terms)` at the points wanted: points are merged into each sorted log
 * and one running pass per log answers them. Entities without any event entered by j have no row.
 */
export function logLookup(scope: Scope, logs: Sql, terms: readonly RunningTerm[], edges: readonly Edge[]): Sql {
  const { leaves } = scope
  const moments = [...new Map(terms.map(({ moment }) => [moment.id, moment])).values()]
  const entered = moments.map((moment) => sql`${entry(moment)} AS ${sql.id(moment.id)}`)
  const entries = sql`
    SELECT ${sql.join([sql`e`, sql`edge`, sql`2 * j AS z`, sql`1 AS entries`, ...entered])}
    FROM (${logs}) logs
  `
  const points = sql`
    SELECT ${sql.join([sql`p.e`, sql`edges.edge`, sql`2 * p.j + 1`, sql`0`, ...moments.map(() => sql`NULL`)])}
    FROM ${pointTable(scope)} p
    CROSS JOIN (${edgeRows(scope, edges)}) edges
  `
  const over = sql`PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING`
  const running = moments.map(
    (moment) => sql`${mergeOver(leaves, mergeOf(moment.kind), sql.id(moment.id), over)} AS ${sql.id(moment.id)}`,
  )
  const merged = sql`
    SELECT ${sql.join([sql`e`, sql`edge`, sql`z`, sql`z % 2 <> 0 AS is_point`, sql`SUM(entries) OVER (${over}) AS presence`, ...running])}
    FROM (${entries}
      UNION ALL ${points}) u
  `
  const picked = terms.map(
    (term) =>
      sql`MAX(CASE WHEN edge = ${integer(term.offset)} THEN ${sql.id(term.moment.id)} END) AS ${sql.id(term.id)}`,
  )
  return sql`
    SELECT ${sql.join([sql`e`, sql`${leaves.floorDivide(sql`z`, 2)} AS j`, ...picked])}
    FROM (${merged}) m
    WHERE is_point
    GROUP BY 1, 2
    HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0
  `
}

/**
 * Of the newest values only those that were newer than all that had entered before; an older one that arrives late
 * changes nothing.
 */
function entry(moment: Moment): Sql {
  const value = sql.id(moment.id)
  if (moment.kind !== 'newest') return value
  const rank = sql.id(momentId('newestRank', moment.input))
  return sql`
    CASE
      WHEN ${rank} = MAX(${rank}) OVER (PARTITION BY e, edge ORDER BY j ROWS UNBOUNDED PRECEDING) THEN ${value} END
  `
}
