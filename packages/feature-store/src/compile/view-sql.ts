import { MartletError, sql, type Leaves, type Sql } from '@martlet/warehouse'
import { gridInstants } from '../plan/time/grid.ts'
import { areOffTiles } from '../plan/time/zone-step.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { entityTable, keyAlias, keysOf, sameEntity } from '../vocabulary/algebra/frame.ts'
import { grainOf } from '../vocabulary/grain.ts'
import { allEntities } from './entities.ts'
import { instantsSql } from './instants.ts'
import { pointTable, scopeOf, SPARSE_BEYOND, type Scope } from './scope.ts'
import { needsPoints, viewValues } from './stages.ts'
import { everyPoint } from './views/source-rows.ts'
import { createTable, dropTable, temporaryPrefix, type TemporaryTable } from './temporary-tables.ts'
import type { MomentTable } from './tiles/moment-table.ts'

/** Statements to run in order on one session, then the query, then the clean-up. */
export interface CompiledRows {
  readonly prepare: readonly Sql[]
  readonly query: Sql
  readonly cleanup: readonly Sql[]
}

interface RowOptions {
  readonly lookup?: Scope['lookup']
  readonly arrivals?: Scope['arrivals'] | undefined
  readonly moments?: MomentTable | undefined
  readonly stored?: Scope['stored']
  /** A table with the key aliases of the only entities that are wanted. @default all */
  readonly only?: Sql
}

/**
 * All rows of a view for feature times in `[from, to)`: key columns, `feature_time`, features in plan order.
 *
 * @throws MartletError NO_INSTANTS when the grid has no feature time in the range.
 */
export function compileViewRows(
  warehouse: { readonly leaves: Leaves },
  view: ViewPlan,
  range: { readonly from: bigint; readonly to: bigint },
  options: RowOptions = {},
): CompiledRows {
  const { leaves } = warehouse
  const instants = gridInstants(stepsOf(view), range.from, range.to)
  const scope = rangeScope(leaves, view, instants, range, options)
  const points = needsPoints(scope)
  const { tables, values } = viewValues(scope)
  const everybody = allEntities(scope)
  const rows = options.only === undefined ? everybody : among(scope, everybody, options.only)
  const made: TemporaryTable[] = [{ name: entityTable(scope), rows }]
  const grid = sql.id(instantTable(scope))
  if (points || scope.instants !== undefined) made.push({ name: grid, rows: instantsSql(leaves, instants) })
  if (points) made.push({ name: pointTable(scope), rows: everyPoint(scope, grid) })
  made.push(...tables)
  const keys = view.entity.keys.map(({ name }, index) => sql`${sql.id('n', keyAlias(index))} AS ${sql.id(name)}`)
  const features = view.features.map((feature) => sql.id('v', feature.name))
  const query = sql`
    SELECT ${sql.join([...keys, sql`${leaves.fromEpochMicros(sql`v.t`)} AS feature_time`, ...features])}
    FROM (${values}) v
    JOIN ${entityTable(scope)} n ON n.e = v.e
  `
  return { prepare: made.map(createTable), query, cleanup: made.map(dropTable) }
}

function rangeScope(
  leaves: Leaves,
  view: ViewPlan,
  instants: readonly bigint[],
  range: { readonly from: bigint; readonly to: bigint },
  options: RowOptions,
): Scope {
  const [first, last] = [instants[0], instants.at(-1)]
  if (first === undefined || last === undefined) {
    const [from, to] = [range.from, range.to].map((at) => new Date(Number(at / 1000n)).toISOString())
    throw new MartletError(
      'NO_INSTANTS',
      `View ${view.name} has no feature time from ${from} to before ${to}. Give a range that contains one of its grid.`,
      { data: { view: view.name, from, to } },
    )
  }
  const grain = grainOf(view)
  const local = view.grid.zone !== 'UTC'
  const close = stepsOf(view).every / grain <= SPARSE_BEYOND || local ? 'dense' : 'sparse'
  const prefix = temporaryPrefix()
  const lookup = options.lookup ?? close
  return scopeOf(leaves, view, {
    prefix,
    entities: `${prefix}_entity`,
    grain,
    first,
    last,
    lookup: lookup !== 'scan' && local && areOffTiles(instants, grain) ? 'direct' : lookup,
    arrivals: options.arrivals ?? 'logs',
    instants: local || lookup === 'scan' ? instantTable({ prefix }) : undefined,
    moments: options.moments,
    everybody: options.only === undefined,
    fewEntities: options.only !== undefined,
    stored: options.stored,
  })
}

/** Some of the numbered entities. */
function among(scope: Scope, everybody: Sql, only: Sql): Sql {
  return sql`SELECT n.* FROM (${everybody}) n JOIN ${only} o ON ${sameEntity(scope, 'n', 'o')}`
}

/** `(key aliases)`: everybody who may have a row of a view before `last`, a feature time, µs. */
export function viewEntities(leaves: Leaves, view: ViewPlan, last: bigint): Sql {
  const prefix = temporaryPrefix()
  const scope = scopeOf(leaves, view, { prefix, entities: `${prefix}_entity`, first: last, last, lookup: 'direct' })
  return sql`SELECT ${keysOf(scope, 'n')} FROM (${allEntities(scope)}) n`
}

function instantTable({ prefix }: Pick<Scope, 'prefix'>): string {
  return `${prefix}_instant`
}
