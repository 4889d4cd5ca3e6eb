import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { eventsSql, lowBoundary, tileOf } from '../events.ts'
import type { LookupTerm } from './lookup.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { entityTable, keyColumns, keysOf, sameEntity } from '../../vocabulary/algebra/frame.ts'
import { boundary, type Scope } from '../scope.ts'

/** One exact distinct count; width null counts since ever. */
export interface DistinctWindow {
  readonly id: string
  readonly input: Input
  readonly width: number | null
  readonly shift: number
}

/**
 * A change log of distinct counts as tiles: a value counts +1 on the boundary where it is first seen and −1 where its
 * newest occurrence leaves the window, unless it is seen again before. A running sum of the log is the count.
 */
export function distinctTiles(scope: Scope, fact: EventsPlan, windows: readonly DistinctWindow[]): Sql {
  const inputs = [...new Map(windows.map((window) => [window.input.id, window.input])).values()]
  const low = lowBoundary(scope, Math.max(...windows.map((window) => window.shift)))
  const changes = inputs.flatMap((input) => {
    const own = windows.filter((window) => window.input.id === input.id)
    const seen = seenSql(scope, fact, input)
    const arrivals = windows.map((window) => {
      if (window.input.id !== input.id) return sql`0 AS ${sql.id(window.id)}`
      return sql`${window.width === null ? sql`CASE WHEN j = first_j THEN 1 ELSE 0 END` : sql`1`} AS ${sql.id(window.id)}`
    })
    const arrive = sql`SELECT ${sql.join([sql`e`, sql`j`, ...arrivals])} FROM (${seen}) seen`
    const leave = own.flatMap((window) => {
      if (window.width === null) return []
      const leaves = scope.leaves.least(sql`next_j`, sql`j + ${integer(window.width)}`)
      const steps = windows.map(({ id }) => sql`${id === window.id ? sql`-1` : sql`0`} AS ${sql.id(id)}`)
      return [
        sql`
          SELECT ${sql.join([sql`e`, sql`${leaves} AS j`, ...steps])}
          FROM (${seen}) seen
        `,
      ]
    })
    return [arrive, ...leave]
  })
  const gathered = scope.leaves.greatest(sql`j`, integer(low))
  const sums = windows.map((window) => sql`SUM(${sql.id(window.id)}) AS ${sql.id(window.id)}`)
  const log = sql`
    SELECT *
    FROM (${sql.join(changes, sql` UNION ALL `)}) steps
    WHERE j <= ${integer(boundary(scope, scope.last))}
  `
  return sql`
    SELECT ${sql.join([sql`e`, sql`j`, ...sums])}
    FROM (SELECT ${sql.join([sql`e`, sql`${gathered} AS j`, ...windows.map((window) => sql.id(window.id))])}
      FROM (${log}) log) g
    GROUP BY e, j
  `
}

export function distinctTerms(windows: readonly DistinctWindow[]): readonly LookupTerm[] {
  return windows.map((window) => ({
    kind: 'running',
    id: `${window.id}_count`,
    column: { id: window.id, merge: 'sum' },
    offset: window.shift,
  }))
}

/** `(e, j, next_j, first_j)`: the boundaries at which each value of each entity is seen. */
function seenSql(scope: Scope, fact: EventsPlan, input: Input): Sql {
  const by = keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const owner = by === 'entity' ? sql`v.e` : keysOf(scope, 'v')
  const never = -(2n ** 40n)
  const distinct = sql`
    SELECT DISTINCT ${owner}, ${tileOf(scope, sql`us`, never)} AS j, ${sql.id(input.id)} AS x
    FROM (${eventsSql(scope, fact, [input], by)}) v
    WHERE ${sql.id(input.id)} IS NOT NULL
  `
  const numbered =
    by === 'entity'
      ? distinct
      : sql`
        SELECT n.e AS e, d.j AS j, d.x AS x
        FROM (${distinct}) d
        JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'd')}
      `
  return sql`
    SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
    FROM (${numbered}) o
  `
}
