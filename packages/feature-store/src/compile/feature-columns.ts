import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { calendarValue } from './calendar-sql.ts'
import { expressionSql } from './expression-sql.ts'

/**
 * The features of a view over `rows` that have `t` and whatever `valueOf` reads: each with its declared type and name, derived
 * features from the others of the same row. `carried` are columns of `rows` that stay beside them.
 */
export function featureColumns(
  leaves: Leaves,
  view: ViewPlan,
  rows: Sql,
  carried: readonly Sql[],
  valueOf: (feature: FeaturePlan) => Sql,
): Sql {
  const base = view.features.filter((feature) => feature.kind !== 'derived')
  const columns = base.map((feature) => {
    const value =
      feature.kind === 'calendar' ? calendarValue(leaves, feature.part, sql`t`, view.grid.zone) : valueOf(feature)
    return sql`${typed(leaves, feature, value)} AS ${sql.id(feature.name)}`
  })
  let values = sql`SELECT ${sql.join([...carried, ...columns])} FROM (${rows}) base`
  for (const feature of view.features) {
    if (feature.kind !== 'derived') continue
    const value = expressionSql(leaves, feature.expression, (name) => sql.id(name))
    values = sql`SELECT *, ${typed(leaves, feature, value)} AS ${sql.id(feature.name)} FROM (${values}) derived`
  }
  return values
}

function typed(leaves: Leaves, feature: FeaturePlan, value: Sql): Sql {
  return sql`CAST(${value} AS ${leaves.columnType(feature.type)})`
}
