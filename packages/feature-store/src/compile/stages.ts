import { sql, type Sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import { featureKind, features as featureKinds } from '../vocabulary/features/list.ts'
import { joinAttributes, validName } from '../vocabulary/sources/as-of.ts'
import { populationOf } from '../vocabulary/population.ts'
import { eventsOf, viewsOf } from '../vocabulary/sources/list.ts'
import { closingColumns } from './closing.ts'
import { featureTimes } from './feature-times.ts'
import { PointEdges } from './points/point-edges.ts'
import { rowColumns } from './row-columns.ts'
import { pointTable, type Scope } from './scope.ts'
import { findsPoints, windowValues } from './strategies.ts'
import type { ViewValues } from './strategy.ts'
import { readsEveryTime, viewedColumn, viewRows } from './views/view-rows.ts'
import { orEmpty, windowFeatures, type WindowFeature } from './window-feature.ts'

/** Whether the values of a view need the point table. */
export function needsPoints(scope: Scope): boolean {
  const { view, points } = scope
  if (readsEveryTime(scope)) return false
  const events = eventsOf(view.source)
  if (events === undefined || view.population !== null || points === 'some') return true
  return !findsPoints(scope, events, windowFeatures(view.features))
}

/**
 * `(e, t, features)` with one row for every point that is in the view's population: first what events give, or other
 * views, then what is joined with other tables, then what a row gives by itself.
 */
export function viewValues(scope: Scope): ViewValues {
  const { view, leaves } = scope
  const events = eventsOf(view.source)
  const windowed = windowFeatures(view.features)
  const over = viewsOf(view.source)
  const read = over === undefined ? undefined : viewRows(scope, over, { needsPoints, values: viewValues })
  const windows = events === undefined ? undefined : windowValues(scope, events, windowed)
  const rows = read?.values ?? populationRows(scope, windows?.values, windowed)
  const joined = joinedRows(scope, rows)
  const values = rowColumns(leaves, view, closed(scope, joined.rows), [sql`e`, sql`t`, ...closingColumns(view)], {
    computed: (feature) => joined.values.get(feature) ?? sql.id(feature.name),
    column: (name) => {
      if (over !== undefined) return viewedColumn(over, name)
      throw new Error(`view ${view.name} computes its rows, so they have no column ${name}`)
    },
  })
  return { tables: read?.tables ?? windows?.tables ?? [], values }
}

/** The rows with the instants that closed their windows, where these are not T. */
function closed(scope: Scope, rows: Sql): Sql {
  const columns = closingColumns(scope.view, 'p')
  if (columns.length === 0) return rows
  return sql`
    SELECT ${sql.join([sql`r.*`, ...columns])}
    FROM (${rows}) r
    JOIN ${pointTable(scope)} p ON p.e = r.e AND p.t = r.t
  `
}

/** The rows that exist: whoever has a fact before T, or whoever the population has at T. */
function populationRows(scope: Scope, windows: Sql | undefined, windowed: readonly WindowFeature[]): Sql {
  const population = populationOf(scope.view)
  const wanted = sql`SELECT e, t FROM ${pointTable(scope)}`
  if (population === null) return windows ?? wanted
  const there = sql`
    SELECT e, t
    FROM (${joinAttributes(scope, wanted, population, [], 'population')}) there
    WHERE ${sql.id(validName('population'))}
  `
  if (windows === undefined) return there
  const points = new PointEdges(scope)
  const columns = windowed.map((feature) => {
    const value = orEmpty(feature, sql.id('w', feature.name), sql`w.e`)
    const [part] = feature.parts
    return sql`${part === undefined ? value : points.unlessMissing(part.window, value)} AS ${sql.id(feature.name)}`
  })
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${points.located(sql`(${there})`)} p
    LEFT JOIN (${windows}) w ON w.e = p.e AND w.t = p.t
  `
}

/** The rows with what features of the joined stage need, and where each one's value is. */
function joinedRows(scope: Scope, rows: Sql): { readonly rows: Sql; readonly values: ReadonlyMap<FeaturePlan, Sql> } {
  const values = new Map<FeaturePlan, Sql>()
  let joined = rows
  for (const kind of featureKinds) {
    const own = scope.view.features.filter((feature) => featureKind(feature) === kind)
    if (kind.stage !== 'joined' || own.length === 0) continue
    const made = kind.join({ ...scope, times: featureTimes(scope) }, joined, own)
    joined = made.rows
    for (const [i, feature] of own.entries()) values.set(feature, made.values[i] ?? sql.id(feature.name))
  }
  return { rows: joined, values }
}
