import { MartletError, sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'
import { dimensionKeys } from './attribute-sql.ts'
import { grainOf } from './grain.ts'
import { gridInstants } from './grid.ts'
import { integer } from './integer.ts'
import { createTable, dropTables, entityTable, keyColumns, pointTable, type Scope } from './scope.ts'
import { storedEntities } from './stored-tiles.ts'
import type { MomentTable } from './moment-table.ts'
import { keyAlias, scanKeyed } from './source-sql.ts'
import { needsPoints, viewValues } from './view-values.ts'
import { areOffTiles } from './zone-step.ts'

/** Statements to run in order on one session, then the query, then the clean-up. */
export interface CompiledRows {
  readonly prepare: readonly Sql[]
  readonly query: Sql
  readonly cleanup: readonly Sql[]
}

let compilations = 0

/** A prefix for temporary tables that no other compilation of this process uses. */
export function freshPrefix(): string {
  compilations += 1
  return `martlet_${compilations}`
}

const SPARSE_BEYOND = 8

/**
 * All rows of a view for feature times in `[from, to)`: key columns, `feature_time`, features in plan order.
 *
 * @throws MartletError `NO_INSTANTS` when the grid has no feature time in the range.
 */
export function compileViewRows(
  warehouse: { readonly leaves: Leaves },
  view: ViewPlan,
  range: { readonly from: bigint; readonly to: bigint },
  options: {
    readonly lookup?: Scope['lookup']
    readonly arrivals?: Scope['arrivals'] | undefined
    readonly moments?: MomentTable | undefined
  } = {},
): CompiledRows {
  const instants = gridInstants(view.grid, range.from, range.to)
  const first = instants[0]
  const last = instants[instants.length - 1]
  if (first === undefined || last === undefined) {
    throw new MartletError('NO_INSTANTS', `view ${view.name} has no feature time between the instants asked for`, {
      data: { view: view.name, from: range.from, to: range.to },
    })
  }
  const grain = grainOf(view)
  const off = view.grid.zone !== 'UTC' && areOffTiles(instants, grain)
  const lookup = off
    ? 'direct'
    : (options.lookup ?? (view.grid.every / grain <= SPARSE_BEYOND || view.grid.zone !== 'UTC' ? 'dense' : 'sparse'))
  const prefix = freshPrefix()
  const local = view.grid.zone !== 'UTC'
  const instantTable = `${prefix}_instant`
  const scope: Scope = {
    leaves: warehouse.leaves,
    view,
    prefix,
    entities: `${prefix}_entity`,
    grain,
    first,
    last,
    lookup,
    arrivals: options.arrivals ?? 'logs',
    fewEntities: false,
    instants: local ? instantTable : undefined,
    moments: options.moments,
  }
  const points = needsPoints(view, lookup)
  const { prepare, values } = viewValues(scope, { points: false })
  const steps = [createTable(entityTable(scope), allEntities(scope))]
  if (points || local) steps.push(createTable(sql.id(instantTable), instantsSql(warehouse.leaves, instants)))
  if (points)
    steps.push(
      createTable(
        pointTable(scope),
        sql`
          SELECT n.e AS e, i.t AS t, ${scope.leaves.floorDivide(sql`i.t`, grain)} AS j
          FROM ${entityTable(scope)} n
          CROSS JOIN ${sql.id(instantTable)} i
        `,
      ),
    )
  steps.push(...prepare)
  const keys = view.entity.keys.map(({ name }, index) => sql`${sql.id('n', keyAlias(index))} AS ${sql.id(name)}`)
  const features = view.features.map((feature) => sql.id('v', feature.name))
  const query = sql`
    SELECT ${sql.join([...keys, sql`${scope.leaves.fromEpochMicros(sql`v.t`)} AS feature_time`, ...features])}
    FROM (${values}) v
    JOIN ${entityTable(scope)} n ON n.e = v.e
  `
  return { prepare: steps, query, cleanup: dropTables(steps) }
}

/** Everybody who may have a row before the last feature time, numbered. */
function allEntities(scope: Scope): Sql {
  const { leaves } = scope
  const keys = keyColumns(scope)
  if (keys.length === 0) return sql`SELECT CAST(0 AS ${leaves.columnType('bigint')}) AS e`
  return numbered(
    keys.map((key) => sql.id(key)),
    everybody(scope),
  )
}

function everybody(scope: Scope): Sql {
  const { view, leaves } = scope
  const population = view.population ?? (view.source?.kind === 'dimension' ? view.source : null)
  if (population !== null) return dimensionKeys(scope, population)
  if (view.source?.kind !== 'fact') throw new Error(`view ${view.name} has an entity but no source that knows its keys`)
  if (scope.moments !== undefined) return storedEntities(scope, scope.moments)
  const keys = keyColumns(scope).map((key) => sql.id(key))
  const present = keys.map((key) => sql`${key} IS NOT NULL`)
  const scan = scanKeyed(leaves, view.source, view.entity, [view.source.eventTime])
  return sql`
    SELECT DISTINCT ${sql.join(keys)}
    FROM (${scan}) f
    WHERE ${sql.id('f', view.source.eventTime)} < ${leaves.timestamp(scope.last)} AND ${sql.join(present, sql` AND `)}
  `
}

/** Adds `e`, a number from 0, to distinct keys. */
export function numbered(keys: readonly Sql[], distinct: Sql): Sql {
  return sql`
    SELECT ROW_NUMBER() OVER (ORDER BY ${sql.join(keys)}) - 1 AS e, ${sql.join(keys)}
    FROM (${distinct}) entities
  `
}

/** Snowflake takes no longer list in VALUES. */
const VALUES_ROWS = 16_384

/** Feature times as a table with one column `t`. */
export function instantsSql(leaves: Leaves, instants: readonly bigint[]): Sql {
  const lists = Array.from({ length: Math.ceil(instants.length / VALUES_ROWS) }, (_, i) =>
    instants.slice(i * VALUES_ROWS, (i + 1) * VALUES_ROWS),
  )
  const tables = lists.map(
    (list) =>
      sql`
        SELECT CAST(column_t AS ${leaves.columnType('bigint')}) AS t
        FROM (VALUES ${sql.join(list.map((t) => sql`(${integer(t)})`))}) AS instants(column_t)
      `,
  )
  return sql.join(tables, sql` UNION ALL `)
}
