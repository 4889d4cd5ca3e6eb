import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { keyAlias, keyColumns } from '../vocabulary/algebra/frame.ts'
import { dimensionKeys } from '../vocabulary/sources/as-of.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { scanEvents } from '../vocabulary/sources/event-rows.ts'
import type { Scope } from './scope.ts'
import { populationOf } from './stages.ts'
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
  const population = populationOf(view)
  if (population !== null) return dimensionKeys(scope, population)
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
