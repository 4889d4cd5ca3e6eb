import { sql, type Sql } from '@martlet/warehouse'
import { gridInstants } from '../../plan/time/grid.ts'
import { areOffTiles } from '../../plan/time/zone-step.ts'
import { stepsOf, type ViewPlan } from '../../plan/view-plan.ts'
import { entityTable, keyAlias, type Frame } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { grainOf } from '../../vocabulary/grain.ts'
import { amongEverybody, readsEverybody } from '../everybody.ts'
import { instantsSql } from '../instants.ts'
import { pointTable, scopeOf, SPARSE_BEYOND, type Scope } from '../scope.ts'
import type { ViewValues } from '../strategy.ts'
import type { TemporaryTable } from '../temporary-tables.ts'
import { timesRead } from './source-times.ts'

/** How rows of a view are computed. */
export interface RowsOf {
  /** `(e, t, features)` */
  values(scope: Scope): ViewValues
  /** Whether that needs the point table. */
  needsPoints(scope: Scope): boolean
}

interface Read {
  readonly view: ViewPlan
  /** Prefix of the temporary tables. */
  readonly prefix: string
}

/** The rows of a view that is read, at some of its feature times: those that `points` have in column `time`. */
export function rowsAtTimes(
  scope: Scope,
  { view, prefix, points, time }: Read & { readonly points: Sql; readonly time: Sql },
  rowsOf: RowsOf,
): ViewValues {
  const { leaves } = scope
  const range = timesRead(scope, view)
  const stored = scope.stored?.(view, range)
  if (stored !== undefined) return { tables: [], values: storedRows(scope, view, stored, range) }
  const instants = view.grid.zone === 'UTC' ? undefined : gridInstants(stepsOf(view), range.first, range.last + 1n)
  const read = scopeOf(leaves, view, {
    ...inherited(scope, prefix),
    ...range,
    points: 'some',
    lookup: someLookup(scope, view, instants),
    fewEntities: scope.fewEntities,
    instants: instants === undefined ? undefined : `${prefix}_instant`,
  })
  const made = instantTables(read, instants)
  const known = sql`WHERE ${time} IS NOT NULL`
  if (readsEverybody(view) && !scope.everybody) {
    const times = sql`SELECT DISTINCT ${time} AS t FROM ${points} ${known}`
    const { tables, values } = amongEverybody(read, times, rowsOf.values)
    return { tables: [...made, ...tables], values }
  }
  const wanted = sql`
    SELECT e, t, ${leaves.floorDivide(sql`t`, read.grain)} AS j
    FROM (SELECT DISTINCT e, ${time} AS t FROM ${points} ${known}) d
  `
  const { tables, values } = rowsOf.values(read)
  return { tables: [...made, { name: pointTable(read), rows: wanted }, ...tables], values }
}

/** The rows of a view that is read, at every feature time of the scope, so much before it as `shift` says. */
export function rowsAtEveryTime(
  scope: Scope,
  { view, prefix, shift }: Read & { readonly shift: bigint },
  rowsOf: RowsOf,
): ViewValues {
  const { leaves } = scope
  const [first, last] = [scope.first - shift, scope.last - shift]
  const { every, zone } = stepsOf(scope.view)
  const stored = scope.stored?.(view, { first, last })
  if (stored !== undefined) return { tables: [], values: storedRows(scope, view, stored, { first, last, every }) }
  // Its values depend on T, not on which other feature times there are.
  const coarse: ViewPlan = { ...view, grid: scope.view.grid }
  const instants = gridInstants(stepsOf(coarse), first, last + 1n)
  const grain = grainOf(coarse)
  const close = every / grain <= SPARSE_BEYOND || zone !== 'UTC' ? scope.lookup : 'sparse'
  const lookup = scope.lookup === 'dense' ? close : scope.lookup
  const read = scopeOf(leaves, coarse, {
    ...inherited(scope, prefix),
    first,
    last,
    lookup: lookup !== 'scan' && zone !== 'UTC' && areOffTiles(instants, grain) ? 'direct' : lookup,
    instants: zone !== 'UTC' || lookup === 'scan' ? `${prefix}_instant` : undefined,
  })
  const points = rowsOf.needsPoints(read)
  const { tables, values } = rowsOf.values(read)
  const grid =
    points || read.instants !== undefined ? instantTables({ ...read, instants: `${prefix}_instant` }, instants) : []
  const made = points ? [{ name: pointTable(read), rows: everyPoint(read, sql.id(`${prefix}_instant`)) }] : []
  return { tables: [...grid, ...made, ...tables], values }
}

/** Every entity at every feature time. */
export function everyPoint(scope: Scope, instants: Sql): Sql {
  return sql`
    SELECT n.e AS e, i.t AS t, ${scope.leaves.floorDivide(sql`i.t`, scope.grain)} AS j
    FROM ${entityTable(scope)} n
    CROSS JOIN ${instants} i
  `
}

/** What the rows that are read are computed for, and how, as those that read them. */
function inherited(
  { entities, arrivals, everybody, stored }: Scope,
  prefix: string,
): Pick<Scope, 'prefix' | 'entities' | 'arrivals' | 'everybody' | 'stored'> {
  return { prefix, entities, arrivals, everybody, stored }
}

function someLookup(scope: Scope, view: ViewPlan, instants: readonly bigint[] | undefined): Scope['lookup'] {
  const grain = grainOf(view)
  if (instants !== undefined && areOffTiles(instants, grain)) return 'direct'
  // A scan is of feature times that everybody has.
  if (scope.lookup === 'scan') return 'sparse'
  if (scope.lookup !== 'dense') return scope.lookup
  return stepsOf(scope.view).every / grain <= SPARSE_BEYOND ? 'dense' : 'sparse'
}

function instantTables({ leaves, instants }: Scope, list: readonly bigint[] | undefined): readonly TemporaryTable[] {
  if (instants === undefined || list === undefined) return []
  return [{ name: sql.id(instants), rows: instantsSql(leaves, list) }]
}

interface Times {
  readonly first: bigint
  readonly last: bigint
  /** The distance of the feature times that are wanted; absent: all. */
  readonly every?: number
}

/** The rows of a view's feature table with the numbers of their entities. */
function storedRows(
  scope: Scope,
  view: ViewPlan,
  table: Sql,
  { first, last, every = stepsOf(view).every }: Times,
): Sql {
  const { leaves } = scope
  const features = view.features.map(({ name }) => sql.id('f', name))
  const t = leaves.epochMicros(sql`f.feature_time`)
  const coarse = every === stepsOf(view).every ? sql`` : sql` AND ${t} % ${integer(every)} = 0`
  return sql`
    SELECT ${sql.join([sql`n.e AS e`, sql`${t} AS t`, ...features])}
    FROM ${table} f
    JOIN ${entityTable(scope)} n ON ${sameKeys(scope, 'n', 'f')}
    WHERE f.feature_time >= ${leaves.timestamp(first)} AND f.feature_time <= ${leaves.timestamp(last)}${coarse}
  `
}

function sameKeys({ entity }: Frame, numbered: string, stored: string): Sql {
  const same = entity.keys.map(({ name }, index) => sql`${sql.id(numbered, keyAlias(index))} = ${sql.id(stored, name)}`)
  return sql.join(same, sql` AND `)
}
