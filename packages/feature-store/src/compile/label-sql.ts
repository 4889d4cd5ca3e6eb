import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Micros, WindowPlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { aggregate, type AggregateFeature } from '../vocabulary/features/aggregate.ts'
import { labelSuffixes } from '../vocabulary/outcomes/label-columns.ts'
import { outcomeKind } from '../vocabulary/outcomes/list.ts'
import type { Found } from '../vocabulary/outcomes/outcome-kind.ts'
import type { TimeWindow } from '../vocabulary/windows/time.ts'
import { typed } from './row-columns.ts'
import { pointTable, scopeOf } from './scope.ts'
import { windowValues } from './strategies.ts'
import type { TemporaryTable } from './temporary-tables.ts'
import { orEmpty, windowFeature } from './window-feature.ts'

export interface CompiledLabel {
  readonly tables: readonly TemporaryTable[]
  /** `(spine_row, label)`; of several columns, `label` and the suffix of each */
  readonly query: Sql
}

/**
 * A label is a window that ends at `t + gap + length`, looked up at the exact microsecond: the same running moments as
 * features, on tiles one microsecond long. It is null while the end plus its maturity lies after `asOf`. Of several
 * steps all are looked up at the end of the last one.
 */
export function compileLabel(
  leaves: Leaves,
  label: LabelPlan,
  keyed: { readonly table: Sql; readonly entity: Sql; readonly entities: string },
  range: { readonly first: bigint; readonly last: bigint; readonly asOf: bigint },
  prefix: string,
): CompiledLabel {
  const { gap, length, maturity, steps = 1 } = label
  const end = gap + length * steps
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
  const kind = outcomeKind(label.aggregate)
  const suffixes = labelSuffixes(label)
  const windows = (label.steps === undefined ? [''] : suffixes).map((suffix, i) =>
    outcomeFeatures(label, `value${suffix}`, (steps - 1 - i) * length),
  )
  const features = windows.flat().map((plan) => windowFeature(aggregate, plan))
  const { tables, values } = windowValues(scope, events, features)
  const named = (value: Sql, i: number): Sql => sql`${value} AS ${sql.raw(`label${suffixes[i] ?? ''}`)}`
  const row = { t: sql`k.us`, known: range.asOf - BigInt(maturity) }
  const closed = windows.flatMap(([first, ...others], i) => {
    if (kind.sofar !== undefined) return kind.sofar(leaves, label, row, found(leaves, first))
    if (kind.value === undefined) throw new Error(`label ${label.name} has no value`)
    const value = kind.value(found(leaves, first), ...others.map((plan) => found(leaves, plan)))
    const known = sql`k.us + ${integer(gap + length * (i + 1) + maturity)} <= ${integer(range.asOf)}`
    return [sql`CASE WHEN ${known} THEN ${value} END`]
  })
  const query = sql`
    SELECT k.spine_row AS spine_row, ${sql.join(closed.map(named))}
    FROM ${keyed.table} k
    LEFT JOIN (${values}) v ON v.e = k.${keyed.entity} AND v.t = k.us + ${integer(end)}
  `
  return { tables: [points, ...tables], query }
}

/** What is looked up in a window after t, as features of the last window's end. */
function outcomeFeatures(
  label: LabelPlan,
  name: string,
  shift: Micros,
): readonly [AggregateFeature, ...AggregateFeature[]] {
  const window: TimeWindow & WindowPlan = { kind: 'time', length: label.length, shift }
  const [first, ...others] = outcomeKind(label.aggregate).measured(label.aggregate, label)
  const feature = { kind: 'aggregate', nullable: true, window } as const
  return [
    { ...feature, name, ...first },
    ...others.map((measured, i) => ({ ...feature, name: `${name}__${i + 1}`, ...measured })),
  ]
}

/** The value of such a feature at the end of the last window, from `v`. */
function found(leaves: Leaves, plan: AggregateFeature): Found {
  const value = orEmpty(windowFeature(aggregate, plan), sql`v.${sql.raw(plan.name)}`, sql`v.e`)
  return { sql: value, typed: typed(leaves, plan, value) }
}
