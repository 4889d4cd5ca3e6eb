import { sql, type Sql } from '@martlet/warehouse'
import type { FeaturePlan, WindowFeature } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { arrivalValues } from './arrival-values.ts'
import { attributeName, joinAttributes, validName } from './attribute-sql.ts'
import { directValues } from './direct-sql.ts'
import { emptyValue } from './empty-value.ts'
import { featureColumns } from './feature-columns.ts'
import { pointTable, type Scope, type ViewValues } from './scope.ts'
import { tileValues } from './tile-values.ts'

/** Whether the values of a view need the point table. */
export function needsPoints(view: ViewPlan, lookup: Scope['lookup']): boolean {
  return view.source?.kind !== 'fact' || view.population !== null || view.source.knownAt !== null || lookup !== 'dense'
}

export function viewValues(scope: Scope, options: { readonly points: boolean }): ViewValues {
  const { view, leaves } = scope
  const windowed = view.features.filter(isWindowed)
  const windows = view.source?.kind === 'fact' ? windowValues(scope, view.source, windowed) : undefined
  const prepare = windows?.prepare ?? []
  let rows = populationRows(scope, windows?.values, windowed, options.points)
  const attributes = view.features.filter((feature) => feature.kind === 'attribute')
  const dimensions = [
    ...new Map(attributes.map((feature) => [JSON.stringify(feature.dimension), feature.dimension])).values(),
  ]
  const alias = (feature: (typeof attributes)[number]): string =>
    `d${dimensions.findIndex((one) => JSON.stringify(one) === JSON.stringify(feature.dimension))}`
  for (const [i, dimension] of dimensions.entries()) {
    const columns = [
      ...new Set(attributes.filter((feature) => alias(feature) === `d${i}`).map((feature) => feature.column)),
    ]
    rows = joinAttributes(scope, rows, dimension, columns, `d${i}`)
  }
  const values = featureColumns(leaves, view, rows, [sql`e`, sql`t`], (feature) =>
    sql.id(feature.kind === 'attribute' ? attributeName(alias(feature), feature.column) : feature.name),
  )
  return { prepare, values }
}

function windowValues(scope: Scope, fact: FactPlan, features: readonly WindowFeature[]): ViewValues {
  if (scope.lookup === 'direct') return { prepare: [], values: directValues(scope, fact, features) }
  return fact.knownAt === null ? tileValues(scope, fact, features) : arrivalValues(scope, fact, features)
}

function isWindowed(feature: FeaturePlan): feature is WindowFeature {
  return feature.kind === 'aggregate' || feature.kind === 'age'
}

/** The rows that exist: whoever has a fact before T, or whoever the population dimension has at T. */
function populationRows(
  scope: Scope,
  windows: Sql | undefined,
  windowed: readonly WindowFeature[],
  points: boolean,
): Sql {
  const { view } = scope
  const population = view.population ?? (view.source?.kind === 'dimension' ? view.source : null)
  const wanted = sql`SELECT e, t FROM ${pointTable(scope)}`
  if (population === null) {
    if (windows === undefined) return wanted
    if (!points) return windows
    return sql`SELECT w.* FROM (${windows}) w JOIN (${wanted}) p ON p.e = w.e AND p.t = w.t`
  }
  const there = sql`
    SELECT e, t
    FROM (${joinAttributes(scope, wanted, population, [], 'population')}) there
    WHERE ${sql.id(validName('population'))}
  `
  if (windows === undefined) return there
  const columns = windowed.map(
    (feature) => sql`${emptyValue(feature, sql.id('w', feature.name))} AS ${sql.id(feature.name)}`,
  )
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM (${there}) p
    LEFT JOIN (${windows}) w ON w.e = p.e AND w.t = p.t
  `
}
