import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { AggregatePlan, RatioPlan, WindowFeature } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { emptyValue } from './empty-value.ts'
import { integer } from './integer.ts'
import { createTable, pointTable, type Scope } from './scope.ts'
import { tileValues } from './tile-values.ts'

export interface CompiledLabel {
  readonly prepare: readonly Sql[]
  /** `(spine_row, label)` */
  readonly query: Sql
}

/**
 * A label is a window that ends at `t + gap + length`, looked up at the exact microsecond: the same running moments as
 * features, on tiles one microsecond long. It is null while the end plus its maturity lies after `asOf`.
 */
export function compileLabel(
  leaves: Leaves,
  label: LabelPlan,
  keyed: { readonly table: Sql; readonly entity: Sql; readonly entities: string },
  range: { readonly first: bigint; readonly last: bigint; readonly asOf: bigint },
  prefix: string,
): CompiledLabel {
  const end = label.gap + label.length
  const aggregate: AggregatePlan | RatioPlan =
    label.aggregate.function === 'happens'
      ? { function: 'count', column: null, where: label.aggregate.where }
      : label.aggregate
  const feature: WindowFeature = {
    kind: 'aggregate',
    name: 'value',
    type: label.aggregate.function === 'happens' ? 'bigint' : label.type,
    nullable: true,
    aggregate,
    window: { kind: 'time', length: label.length, shift: 0 },
  }
  const fact = { ...label.fact, knownAt: null }
  const view: ViewPlan = {
    name: label.name,
    entity: label.entity,
    source: fact,
    grid: { every: 1, zone: 'UTC' },
    delay: 0,
    ttl: null,
    repair: 0,
    population: null,
    features: [feature],
    hash: '',
  }
  const scope: Scope = {
    leaves,
    view,
    prefix,
    entities: keyed.entities,
    grain: 1,
    first: range.first + BigInt(end),
    last: range.last + BigInt(end),
    lookup: 'sparse',
    arrivals: 'logs',
    fewEntities: true,
    instants: undefined,
    moments: undefined,
  }
  const edge = sql`us + ${integer(end)}`
  const points = createTable(
    pointTable(scope),
    sql`SELECT DISTINCT ${keyed.entity} AS e, ${edge} AS t, ${edge} AS j FROM ${keyed.table}`,
  )
  const { prepare, values } = tileValues(scope, fact, [feature])
  const found = emptyValue(feature, sql`v.value`)
  const value =
    label.aggregate.function === 'happens'
      ? sql`(${found} > 0)`
      : sql`CAST(${found} AS ${leaves.columnType(label.type)})`
  const known = sql`k.us + ${integer(end + label.maturity)} <= ${integer(range.asOf)}`
  const query = sql`
    SELECT k.spine_row AS spine_row, CASE WHEN ${known} THEN ${value} END AS label
    FROM ${keyed.table} k
    LEFT JOIN (${values}) v ON v.e = k.${keyed.entity} AND v.t = k.us + ${integer(end)}
  `
  return { prepare: [points, ...prepare], query }
}
