import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { WindowPlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { aggregate, type AggregateFeature } from '../vocabulary/features/aggregate.ts'
import { isHappens } from '../vocabulary/label-reads.ts'
import type { TimeWindow } from '../vocabulary/windows/time.ts'
import { typed } from './row-columns.ts'
import { pointTable, scopeOf } from './scope.ts'
import { windowValues } from './strategies.ts'
import type { TemporaryTable } from './temporary-tables.ts'
import { orEmpty, windowFeature } from './window-feature.ts'

export interface CompiledLabel {
  readonly tables: readonly TemporaryTable[]
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
  const events = { ...label.fact, knownAt: null }
  const view: ViewPlan = {
    name: label.name,
    entity: label.entity,
    source: events,
    grid: { every: 1, zone: 'UTC' },
    delay: 0,
    ttl: null,
    repair: 0,
    population: null,
    features: [],
    hash: '',
  }
  const scope = scopeOf(leaves, view, {
    prefix,
    entities: keyed.entities,
    grain: 1,
    points: 'some',
    first: range.first + BigInt(end),
    last: range.last + BigInt(end),
    lookup: 'sparse',
    fewEntities: true,
  })
  const edge = sql`us + ${integer(end)}`
  const points = {
    name: pointTable(scope),
    rows: sql`SELECT DISTINCT ${keyed.entity} AS e, ${edge} AS t, ${edge} AS j FROM ${keyed.table}`,
  }
  const feature = windowFeature(aggregate, outcomeFeature(label))
  const { tables, values } = windowValues(scope, events, [feature])
  const found = orEmpty(feature, sql`v.value`, sql`v.e`)
  const value = isHappens(label.aggregate) ? sql`(${found} > 0)` : typed(leaves, outcomeFeature(label), found)
  const known = sql`k.us + ${integer(end + label.maturity)} <= ${integer(range.asOf)}`
  const query = sql`
    SELECT k.spine_row AS spine_row, CASE WHEN ${known} THEN ${value} END AS label
    FROM ${keyed.table} k
    LEFT JOIN (${values}) v ON v.e = k.${keyed.entity} AND v.t = k.us + ${integer(end)}
  `
  return { tables: [points, ...tables], query }
}

/** What happens after t, as a feature of the window that ends then. */
function outcomeFeature({ aggregate: of, type, length }: LabelPlan): AggregateFeature {
  const window: TimeWindow & WindowPlan = { kind: 'time', length, shift: 0 }
  const feature = { kind: 'aggregate', name: 'value', nullable: true, window } as const
  if (!isHappens(of)) return { ...feature, type, aggregate: of }
  return { ...feature, type: 'bigint', aggregate: { function: 'count', column: null, where: of.where } }
}
