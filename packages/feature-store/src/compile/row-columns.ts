import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import { FEATURE_TIME } from '../vocabulary/algebra/expression-sql.ts'
import { isWhole } from '../vocabulary/algebra/expression-type.ts'
import { closingOf } from './closing.ts'
import { featureKind } from '../vocabulary/features/list.ts'

/** Where the values of a view's rows are found in `rows`. */
export interface RowSource {
  /** The value of a feature that earlier stages have computed. */
  computed(feature: FeaturePlan): Sql
  /** A column of the source, where rows are passed through or are those of other views. */
  column(name: string): Sql
}

/**
 * The features of a view over `rows` that have `t`: each with its declared type and name, derived features from the
 * others of the same row, standings from those of everybody. `carried` are columns of `rows` that are kept.
 */
export function rowColumns(leaves: Leaves, view: ViewPlan, rows: Sql, carried: readonly Sql[], from: RowSource): Sql {
  const T: TypedSql = { sql: leaves.fromEpochMicros(closingOf(view)), type: 'timestamp' }
  const columnType = (name: string): ColumnType =>
    view.source?.columns.find((one) => one.name === name)?.type ?? 'double'
  const row = {
    leaves,
    t: sql`t`,
    zone: view.grid.zone,
    column: (name: string) => from.column(name),
    typed: (name: string) => (name === FEATURE_TIME ? T : { sql: from.column(name), type: columnType(name) }),
  }
  const typeOf = (name: string): ColumnType => view.features.find((one) => one.name === name)?.type ?? 'double'
  const columns: Sql[] = []
  const later: ((values: Sql) => Sql)[] = []
  const other = (name: string): TypedSql => (name === FEATURE_TIME ? T : { sql: sql.id(name), type: typeOf(name) })
  for (const feature of view.features) {
    const kind = featureKind(feature)
    const named = (value: Sql): Sql => sql`${typed(leaves, feature, value)} AS ${sql.id(feature.name)}`
    if (kind.stage === 'derived')
      later.push((values) => sql`SELECT *, ${named(kind.value(feature, leaves, other))} FROM (${values}) derived`)
    else if (kind.stage === 'everybody') later.push((values) => kind.join(feature, leaves, values, other))
    else columns.push(named(kind.stage === 'row' ? kind.value(feature, row) : from.computed(feature)))
  }
  const base = sql`SELECT ${sql.join([...carried, ...columns])} FROM (${rows}) base`
  return later.reduce((values, add) => add(values), base)
}

/** The value as the type that is declared, null where a sum or a result is beyond it. */
export function typed(leaves: Leaves, feature: FeaturePlan, value: Sql): Sql {
  const kind = featureKind(feature)
  if (kind.stage === 'derived' && feature.type === 'double') return leaves.finite(value)
  const grows = kind.stage === 'facts' && kind.parts(feature).some((part) => part.kind.grows === true)
  return grows && isWhole(feature.type)
    ? leaves.fitColumn(value, feature.type)
    : sql`CAST(${value} AS ${leaves.columnType(feature.type)})`
}
