import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { AggregatePlan, RatioPlan, WindowFeature, WindowPlan } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { eventsSql } from './events-sql.ts'
import type { Input } from './moments.ts'
import { emptyValue } from './empty-value.ts'
import { integer } from './integer.ts'
import { pointTable, type Scope } from './scope.ts'
import { TermSet } from './terms.ts'
import { columnType } from './window-value.ts'

const MICROS_PER_DAY = 86_400_000_000

/**
 * `(e, t, features)` by joining every point with the events that count for it: no tiles, no running moments.
 * This is the definition written down; it serves what logs of arrivals cannot: windows that do not merge by difference.
 */
export function directValues(scope: Scope, fact: FactPlan, features: readonly WindowFeature[]): Sql {
  const inputs = new TermSet()
  const columns = features
    .filter((feature) => !isRows(feature))
    .map((feature) => sql`${joinedValue(scope.leaves, fact, inputs, feature)} AS ${sql.id(feature.name)}`)
  const events = (wanted: readonly Input[]): Sql => eventsSql(scope, fact, wanted, 'entity')
  const arrived = fact.knownAt === null ? sql`` : sql` AND v.known <= p.t + ${integer(scope.view.delay)}`
  const joined = (source: Sql): Sql =>
    sql`${pointTable(scope)} p JOIN (${source}) v ON v.e = p.e AND v.us < p.t${arrived}`
  const main = sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${joined(events(inputs.inputs))}
    GROUP BY p.e, p.t
  `
  const rows = features.filter(isRows)
  if (rows.length === 0) return main
  const joins = rows.map((feature, i) => {
    const alias = `r${i}`
    return sql` LEFT JOIN (${rowsValue(scope, fact, feature, events, joined)}) ${sql.id(alias)} ON ${sql.id(alias, 'e')} = m.e AND ${sql.id(alias, 't')} = m.t`
  })
  const list = features.map((feature) => {
    const at = rows.findIndex((candidate) => candidate === feature)
    return at < 0
      ? sql.id('m', feature.name)
      : sql`${emptyValue(feature, sql.id(`r${at}`, 'value'))} AS ${sql.id(feature.name)}`
  })
  return sql`SELECT ${sql.join([sql`m.e AS e`, sql`m.t AS t`, ...list])} FROM (${main}) m${sql.join(joins, sql``)}`
}

function isRows(feature: WindowFeature): boolean {
  return feature.kind === 'aggregate' && feature.window.kind === 'rows'
}

/** The value of a feature over a group of events `v` joined with a point `p`. */
export function joinedValue(leaves: Leaves, fact: FactPlan, inputs: TermSet, feature: WindowFeature): Sql {
  if (feature.kind === 'age') {
    const x = sql.id('v', inputs.input(null, feature.where, 'integer').id)
    return sql`(${leaves.toDouble(sql`p.t - MAX(CASE WHEN ${x} IS NOT NULL THEN v.us END)`)} / ${sql.lit(MICROS_PER_DAY)})`
  }
  return aggregateOver(leaves, fact, inputs, feature.aggregate, insideWindow(feature.window))
}

/** A condition on `v.us` and `p.t`; undefined when every event before T counts. */
function insideWindow(window: WindowPlan): Sql | undefined {
  if (window.kind !== 'time') return undefined
  const newest = window.shift === 0 ? sql`` : sql` AND v.us < p.t - ${integer(window.shift)}`
  return sql`v.us >= p.t - ${integer(window.shift + window.length)}${newest}`
}

function aggregateOver(
  leaves: Leaves,
  fact: FactPlan,
  inputs: TermSet,
  aggregate: AggregatePlan | RatioPlan,
  inside: Sql | undefined,
): Sql {
  if (aggregate.function === 'ratio') {
    return leaves.divide(
      aggregateOver(leaves, fact, inputs, aggregate.numerator, inside),
      aggregateOver(leaves, fact, inputs, aggregate.denominator, inside),
    )
  }
  const type = columnType(fact, aggregate.column)
  const column = sql.id('v', inputs.input(aggregate.column, aggregate.where, type).id)
  return plainAggregate(
    leaves,
    aggregate.function,
    inside === undefined ? column : sql`CASE WHEN ${inside} THEN ${column} END`,
    type,
  )
}

/** An aggregate of `x` over a group of events `v` with `us` and `sequence`, by the engine's own function. */
export function plainAggregate(leaves: Leaves, name: AggregatePlan['function'], x: Sql, type: Input['type']): Sql {
  const order = [sql.id('v', 'us'), sql.id('v', 'sequence'), x]
  switch (name) {
    case 'count':
      return sql`COUNT(${x})`
    case 'sum':
      return sql`COALESCE(SUM(${x}), 0)`
    case 'mean':
      return sql`AVG(${leaves.toDouble(x)})`
    case 'min':
      return sql`MIN(${x})`
    case 'max':
      return sql`MAX(${x})`
    case 'variance':
      return sql`VAR_SAMP(${leaves.toDouble(x)})`
    case 'stddev':
      return sql`STDDEV_SAMP(${leaves.toDouble(x)})`
    case 'distinct':
      return sql`COUNT(DISTINCT ${x})`
    case 'first':
      return leaves.oldest(x, order, type)
    case 'last':
      return leaves.newest(x, order, type)
    case 'slope':
      return slopeAggregate(leaves, x)
  }
}

/** REGR_SLOPE divides by zero to NaN when all times are equal; a slope needs two times. */
function slopeAggregate(leaves: Leaves, x: Sql): Sql {
  const time = sql`CASE WHEN ${x} IS NOT NULL THEN v.us END`
  const days = sql`(${leaves.toDouble(sql`v.us - p.t`)} / ${sql.lit(MICROS_PER_DAY)})`
  return sql`CASE WHEN MIN(${time}) = MAX(${time}) THEN NULL ELSE REGR_SLOPE(${leaves.toDouble(x)}, ${days}) END`
}

function rowsValue(
  scope: Scope,
  fact: FactPlan,
  feature: WindowFeature,
  events: (inputs: readonly Input[]) => Sql,
  joined: (source: Sql) => Sql,
): Sql {
  if (feature.kind !== 'aggregate' || feature.window.kind !== 'rows') throw new Error('not a window of rows')
  const { rows } = feature.window
  const one = (aggregate: AggregatePlan): Sql => {
    const input: Input = {
      id: 'x',
      column: aggregate.column,
      where: aggregate.where,
      type: columnType(fact, aggregate.column),
    }
    const passes: Input = { id: 'passes', column: null, where: aggregate.where, type: 'integer' }
    const ranked = sql`
      SELECT p.e AS e, p.t AS t, v.us AS us, v.sequence AS sequence, v.x AS x, ROW_NUMBER() OVER (PARTITION BY p.e, p.t ORDER BY v.us DESC NULLS LAST, v.sequence DESC NULLS LAST, v.x DESC NULLS LAST) AS back
      FROM ${joined(events([passes, input]))}
      WHERE v.passes IS NOT NULL
    `
    return sql`
      SELECT p.e AS e, p.t AS t, ${plainAggregate(scope.leaves, aggregate.function, sql`v.x`, input.type)} AS value
      FROM ${pointTable(scope)} p
      JOIN (${ranked}) v ON v.e = p.e AND v.t = p.t
      WHERE v.back <= ${integer(rows)}
      GROUP BY p.e, p.t
    `
  }
  const { aggregate } = feature
  if (aggregate.function !== 'ratio') return one(aggregate)
  return sql`
    SELECT a.e AS e, a.t AS t, ${scope.leaves.divide(sql`a.value`, sql`b.value`)} AS value
    FROM (${one(aggregate.numerator)}) a
    JOIN (${one(aggregate.denominator)}) b ON a.e = b.e AND a.t = b.t
  `
}
