import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { eventsSql } from '../events.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { rankId, tileMoment, type MomentKind } from '../../vocabulary/algebra/moments.ts'
import { boundary, type Scope } from '../scope.ts'
import type { TermSet } from '../../vocabulary/algebra/terms.ts'

/** The edge of a window, in tiles before T. */
export interface Edge {
  readonly offset: number
  /** An event enters it with all others of its `hop` tiles; absent: by itself. */
  readonly hop: number | undefined
}

/**
 * One log per edge of a window: tiles `(e, edge, j, moments)` of the events that enter it at boundary j. An event
 * enters the log of an edge `edge` tiles before T once its own time has passed that edge and it has arrived, so a
 * window at T is the log of its near edge up to T less the log of its far edge up to T.
 */
export function arrivalLog(scope: Scope, fact: EventsPlan, terms: TermSet, edges: readonly Edge[]): Sql {
  const { leaves, first, last, view, grain } = scope
  const origin = (first + last) / 2n
  const low = boundary(scope, first)
  const arrived = sql`${leaves.floorDivide(sql`known - ${integer(view.delay)} - 1`, grain)} + 1`
  const own = sql`${leaves.floorDivide(sql`us`, grain)} + 1`
  const tau = sql`us - ${integer(origin)} AS tau`
  const late = fact.knownAt !== null
  const arrival = late ? [sql`${arrived} AS arrived_j`] : []
  const columns = [sql`v.*`, tau, sql`${own} AS own_j`, ...arrival, ...orders(terms)]
  const events = sql`
    SELECT ${sql.join(columns)}
    FROM (${eventsSql(scope, fact, terms.inputs, 'entity')}) v${late ? sql` WHERE known IS NOT NULL` : sql``}
  `
  const entries = [passes(scope, edges), ...(late ? [sql`v.arrived_j`] : [])]
  const entered = sql`
    SELECT v.*, edges.edge AS edge, ${leaves.greatest(...entries, integer(low))} AS j
    FROM (${events}) v
    CROSS JOIN (${edgeRows(scope, edges)}) edges
  `
  const values = terms.tileMoments.map((moment) => sql`${tileMoment(leaves, moment)} AS ${sql.id(moment.id)}`)
  return sql`
    SELECT ${sql.join([sql`e`, sql`edge`, sql`j`, ...values])}
    FROM (${entered}) entered
    WHERE j <= ${integer(boundary(scope, last))}
    GROUP BY e, edge, j
  `
}

/** The boundary at which an event has passed an edge, whenever it arrived. */
function passes({ leaves }: Scope, edges: readonly Edge[]): Sql {
  const cases = edges.flatMap(({ offset, hop }) => {
    if (hop === undefined) return []
    const whole = sql`(${leaves.floorDivide(sql`v.own_j - 1`, hop)} + 1) * ${integer(hop)}`
    return [sql`WHEN edges.edge = ${integer(offset)} THEN ${whole} + edges.edge`]
  })
  const alone = sql`v.own_j + edges.edge`
  return cases.length === 0 ? alone : sql`CASE ${sql.join(cases, sql` `)} ELSE ${alone} END`
}

/** `(edge)` */
export function edgeRows(scope: Scope, edges: readonly Edge[]): Sql {
  return sql.join(
    edges.map(({ offset }) => sql`SELECT CAST(${integer(offset)} AS ${scope.leaves.columnType('bigint')}) AS edge`),
    sql` UNION ALL `,
  )
}

/** Event columns that only some moments need: each costs a sort of the events. */
function orders(terms: TermSet): readonly Sql[] {
  const inputs = (kind: MomentKind) =>
    terms.tileMoments.filter((moment) => moment.kind === kind).map((moment) => moment.input)
  const ranks = inputs('newestRank').map((input) => {
    const order = sql`us, sequence NULLS FIRST, ${sql.id(input.id)} NULLS FIRST`
    return sql`ROW_NUMBER() OVER (PARTITION BY e ORDER BY ${order}) AS ${sql.id(rankId(input))}`
  })
  return ranks
}
