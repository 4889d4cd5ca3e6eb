import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { keyAlias, keyColumns } from '../vocabulary/algebra/frame.ts'
import { dimensionKeys } from '../vocabulary/sources/as-of.ts'
import { scanEvents } from '../vocabulary/sources/event-rows.ts'
import { eventsOf, passedThroughOf, viewsOf } from '../vocabulary/sources/list.ts'
import { populationOf } from '../vocabulary/population.ts'
import { scanKeyed } from '../vocabulary/sources/scan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { Scope } from './scope.ts'
import { timesRead } from './views/source-times.ts'
import { storedEntities } from './tiles/stored-tiles.ts'

/** `(e, key aliases)` of everybody who may have a row before the last feature time. */
export function allEntities(scope: Scope): Sql {
  return numberedEntities(scope.leaves, keyColumns(scope).length, () => everybody(scope))
}

/** Distinct keys with a number `e` from 0; without keys there is one entity. */
export function numberedEntities(leaves: Leaves, keys: number, distinct: Sql | (() => Sql)): Sql {
  if (keys === 0) return sql`SELECT CAST(0 AS ${leaves.columnType('bigint')}) AS e`
  const list = sql.join(Array.from({ length: keys }, (_, index) => sql.id(keyAlias(index))))
  return sql`
    SELECT ROW_NUMBER() OVER (ORDER BY ${list}) - 1 AS e, ${list}
    FROM (${typeof distinct === 'function' ? distinct() : distinct}) entities
  `
}

function everybody(scope: Scope): Sql {
  const { view, leaves } = scope
  const views = viewsOf(view.source)?.views
  if (views !== undefined)
    return sql.join(
      views.map((read) => everybodyOf(scope, read)),
      sql` UNION `,
    )
  const population = populationOf(view)
  if (population !== null) return dimensionKeys(scope, population)
  const rows = passedThroughOf(view.source)
  if (rows !== undefined) return distinctKeys(scope, scanKeyed(leaves, rows, view.entity, []))
  const events = eventsOf(view.source)
  if (events === undefined) throw new Error(`view ${view.name} has an entity but no source that knows its keys`)
  if (scope.moments !== undefined) return storedEntities(scope, scope.moments)
  const keys = keyColumns(scope).map((key) => sql.id(key))
  const present = keys.map((key) => sql`${key} IS NOT NULL`)
  const scan = scanEvents(leaves, events, view.entity, [events.eventTime])
  return sql`
    SELECT DISTINCT ${sql.join(keys)}
    FROM (${scan}) f
    WHERE ${sql.id('f', events.eventTime)} < ${leaves.timestamp(scope.last)} AND ${sql.join(present, sql` AND `)}
  `
}

/** Everybody who may have a row in a view that is read. */
function everybodyOf(scope: Scope, read: ViewPlan): Sql {
  const times = timesRead(scope, read)
  const stored = scope.stored?.(read, times)
  if (stored === undefined) return everybody({ ...scope, view: read, ...times, moments: undefined })
  const keys = read.entity.keys.map(({ name }, index) => sql`${sql.id('f', name)} AS ${sql.id(keyAlias(index))}`)
  const { leaves } = scope
  return sql`
    SELECT DISTINCT ${sql.join(keys)}
    FROM ${stored} f
    WHERE f.feature_time >= ${leaves.timestamp(times.first)} AND f.feature_time <= ${leaves.timestamp(times.last)}
  `
}

function distinctKeys(scope: Scope, rows: Sql): Sql {
  const keys = keyColumns(scope).map((key) => sql.id(key))
  const present = keys.map((key) => sql`${key} IS NOT NULL`)
  return sql`SELECT DISTINCT ${sql.join(keys)} FROM (${rows}) f WHERE ${sql.join(present, sql` AND `)}`
}
