import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../plan/source-plan.ts'
import { isContinuous, type ViewPlan } from '../plan/view-plan.ts'
import { scanEvents } from '../vocabulary/sources/event-rows.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { pointTable, type Scope } from './scope.ts'
import type { TemporaryTable } from './temporary-tables.ts'

/** The column of points with the instant that closes their windows, µs, where that is not T. */
const CLOSED = 'closed__t'

/** Whether the newest event closes the windows of a view, and not the instant that is asked for. */
export function closesByEvents(view: Pick<ViewPlan, 'grid'>): boolean {
  return isContinuous(view) && view.grid.clock === 'newest event'
}

/** The instant that closes the windows of a point, µs: a column of it, which is under an alias or alone. */
export function closingOf(view: Pick<ViewPlan, 'grid'>, alias?: 'p'): Sql {
  if (closesByEvents(view)) return alias === undefined ? sql.id(CLOSED) : sql.id(alias, CLOSED)
  return alias === undefined ? sql`t` : sql`p.t`
}

/** The columns of points beside `(e, t, j)`. */
export function closingColumns(view: Pick<ViewPlan, 'grid'>, alias?: 'p'): readonly Sql[] {
  return closesByEvents(view) ? [closingOf(view, alias)] : []
}

/** The table of points, from `points` `(e, t, j)`, with what closes their windows. */
export function pointTables(scope: Scope, points: Sql): readonly TemporaryTable[] {
  const { leaves, view, prefix } = scope
  const events = eventsOf(view.source)
  if (events === undefined || !closesByEvents(view)) return [{ name: pointTable(scope), rows: points }]
  const clock = sql.id(`${prefix}_clock`)
  const joined = leaves.asofJoin({
    left: sql`(${points}) p`,
    right: sql`(SELECT arrived, newest FROM ${clock}) c`,
    on: [],
    match: { left: sql`p.t`, operator: '>=', right: sql`c.arrived` },
  })
  // Where nothing has arrived there is no row, whatever closes its windows.
  const closed = sql`CASE WHEN c.newest < p.t THEN c.newest + 1 ELSE p.t END AS ${sql.id(CLOSED)}`
  return [
    { name: clock, rows: newestEvents(scope, events) },
    { name: pointTable(scope), rows: sql`SELECT p.e AS e, p.t AS t, p.j AS j, ${closed} FROM ${joined}` },
  ]
}

/** `(arrived, newest)`: the time of the newest event among those that had arrived by then, µs. */
function newestEvents({ leaves, view, last }: Scope, events: EventsPlan): Sql {
  const { eventTime, knownAt } = events
  const columns = knownAt === null ? [eventTime] : [eventTime, knownAt]
  const rows = scanEvents(leaves, events, view.entity, columns)
  const [time, arrival] = [sql.id('f', eventTime), sql.id('f', knownAt ?? eventTime)]
  const us = leaves.epochMicros(time)
  const wanted = sql`(${rows}) f WHERE ${time} IS NOT NULL AND ${arrival} <= ${leaves.timestamp(last)}`
  if (knownAt === null) return sql`SELECT DISTINCT ${us} AS arrived, ${us} AS newest FROM ${wanted}`
  const each = sql`SELECT ${leaves.epochMicros(arrival)} AS arrived, MAX(${us}) AS newest FROM ${wanted} GROUP BY 1`
  return sql`SELECT arrived, MAX(newest) OVER (ORDER BY arrived ROWS UNBOUNDED PRECEDING) AS newest FROM (${each}) a`
}
