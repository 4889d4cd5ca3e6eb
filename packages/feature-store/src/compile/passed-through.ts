import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { PrecomputedPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { rowColumns, type RowSource } from './row-columns.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { scanKeyed } from '../vocabulary/sources/scan.ts'

/**
 * `(spine_row, t, features)`: for each keyed spine row the newest precomputed row with `t + delay <= us` that had
 * been written by then. Among rows of one key and time the one created last counts, then the greatest values.
 */
export function passedThroughAsOf(
  leaves: Leaves,
  view: ViewPlan,
  source: PrecomputedPlan,
  keyed: Sql,
  entity: { readonly table: Sql; readonly column: Sql },
): Sql {
  const same = view.entity.keys.map(
    (_, index) => sql`${sql.id('n', keyAlias(index))} = ${sql.id('p', keyAlias(index))}`,
  )
  const owned = sql`
    SELECT n.e AS e, p.*
    FROM (${presentRows(leaves, view, source)}) p
    JOIN ${entity.table} n ON ${sql.join(same, sql` AND `)}
  `
  const chosen =
    source.created === null
      ? newestByTime(leaves, view, source, owned, keyed, entity.column)
      : newestWritten(leaves, view, source, owned, keyed, entity.column)
  const values = rowColumns(leaves, view, chosen, [sql`spine_row`, sql`t`], valuesOf(view))
  // Without a row every feature is null, whatever an expression would make of nulls.
  const known = view.features.map(
    ({ name }) => sql`CASE WHEN t IS NOT NULL THEN ${sql.id(name)} END AS ${sql.id(name)}`,
  )
  return sql`
    SELECT ${sql.join([sql`spine_row`, sql`t`, ...known])}
    FROM (${values}) known
  `
}

function newestByTime(
  leaves: Leaves,
  view: ViewPlan,
  source: PrecomputedPlan,
  owned: Sql,
  keyed: Sql,
  entity: Sql,
): Sql {
  // Rows of one time share it, so it does not matter which of them this join finds.
  const joined = leaves.asofJoin({
    left: sql`(SELECT spine_row, us - ${integer(view.delay)} AS reach, ${entity} AS e FROM ${keyed}) k`,
    right: sql`(SELECT e, t FROM (${owned}) times) r`,
    on: [[sql`k.e`, sql`r.e`]],
    match: { left: sql`k.reach`, operator: '>=', right: sql`r.t` },
  })
  const matched = sql`SELECT k.spine_row AS spine_row, k.e AS e, r.t AS t FROM ${joined}`
  const place = sql`ROW_NUMBER() OVER (PARTITION BY m.spine_row ORDER BY ${newestFirst(source, view, 'o')}) AS place`
  const ranked = sql`
    SELECT ${sql.join([sql`m.spine_row AS spine_row`, sql`m.t AS t`, ...ownValues(view), place])}
    FROM (${matched}) m
    LEFT JOIN (${owned}) o ON o.e = m.e
      AND o.t = m.t
  `
  return sql`SELECT * FROM (${ranked}) ranked WHERE place = 1`
}

/**
 * From the moment at which a row may be known on, the row known by then that ranks highest answers: a running maximum
 * of ranks over these moments.
 */
function newestWritten(
  leaves: Leaves,
  view: ViewPlan,
  source: PrecomputedPlan,
  owned: Sql,
  keyed: Sql,
  entity: Sql,
): Sql {
  const order = sql.join([sql`o.t`, ...tieColumns(source, view).map((name) => sql`o.${name} NULLS FIRST`)])
  const known = leaves.greatest(sql`o.t + ${integer(view.delay)}`, leaves.epochMicros(sql`o.created__at`))
  const ranked = sql`
    SELECT o.*, ${known} AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY ${order}) AS place
    FROM (${owned}) o
  `
  const moments = sql`SELECT e, known, MAX(place) AS place FROM (${ranked}) ranked GROUP BY e, known`
  const joined = leaves.asofJoin({
    left: sql`(SELECT spine_row, us, ${entity} AS e FROM ${keyed}) k`,
    right: sql`
      (SELECT e, known, MAX(place) OVER (PARTITION BY e ORDER BY known ROWS UNBOUNDED PRECEDING) AS best
        FROM (${moments}) moments) r
    `,
    on: [[sql`k.e`, sql`r.e`]],
    match: { left: sql`k.us`, operator: '>=', right: sql`r.known` },
  })
  const matched = sql`SELECT k.spine_row AS spine_row, k.e AS e, r.best AS best FROM ${joined}`
  return sql`
    SELECT ${sql.join([sql`m.spine_row AS spine_row`, sql`o.t AS t`, ...ownValues(view)])}
    FROM (${matched}) m
    LEFT JOIN (${ranked}) o ON o.e = m.e
      AND o.place = m.best
  `
}

export interface PassedThroughRange {
  readonly from: bigint
  readonly to: bigint
  /** Rows that were written later are not known yet. */
  readonly known: bigint
}

/**
 * `(key aliases, t, features)`: the newest row of every key with `from <= t < to` that was written by `known`, ties
 * as above; a null range takes all rows.
 */
export function newestPassedThrough(
  leaves: Leaves,
  view: ViewPlan,
  source: PrecomputedPlan,
  range: PassedThroughRange | null,
): Sql {
  const keys = view.entity.keys.map((_, index) => sql.id(keyAlias(index)))
  const written =
    range === null || source.created === null ? sql`` : sql` AND created__at <= ${leaves.timestamp(range.known)}`
  const inside = range === null ? sql`` : sql` WHERE t >= ${integer(range.from)} AND t < ${integer(range.to)}${written}`
  const partition = keys.length === 0 ? sql`` : sql`PARTITION BY ${sql.join(keys)} `
  const place = sql`ROW_NUMBER() OVER (${partition}ORDER BY t DESC NULLS LAST, ${newestFirst(source, view, 'p')}) AS place`
  const ranked = sql`SELECT p.*, ${place} FROM (${presentRows(leaves, view, source)}) p${inside}`
  return rowColumns(
    leaves,
    view,
    sql`SELECT * FROM (${ranked}) ranked WHERE place = 1`,
    [...keys, sql`t`],
    valuesOf(view),
  )
}

/** The rows that have keys and a time, and one at which they were written where the table has that, with `t` in µs. */
function presentRows(leaves: Leaves, view: ViewPlan, source: PrecomputedPlan): Sql {
  const keys = view.entity.keys.map((_, index) => sql.id('s', keyAlias(index)))
  const present = [
    ...keys,
    sql.id('s', source.time),
    ...(source.created === null ? [] : [sql.id('s', source.created)]),
  ].map((column) => sql`${column} IS NOT NULL`)
  const values = columnsOf(view).map((name) => sql`${sql.id('s', name)} AS ${valueName(view, name)}`)
  const created = source.created === null ? [] : [sql`${sql.id('s', source.created)} AS created__at`]
  const columns = [...keys, sql`${leaves.epochMicros(sql.id('s', source.time))} AS t`, ...values, ...created]
  return sql`
    SELECT ${sql.join(columns)}
    FROM (${scanKeyed(leaves, source, view.entity)}) s
    WHERE ${sql.join(present, sql` AND `)}
  `
}

function ownValues(view: ViewPlan): readonly Sql[] {
  return columnsOf(view).map((column) => sql`o.${valueName(view, column)}`)
}

function columnsOf(view: ViewPlan): readonly string[] {
  const readings = view.features.flatMap((feature) => featureKind(feature).reads(feature))
  return [...new Set(readings.flatMap((reading) => (reading.of === 'source' ? [reading.column] : [])))]
}

/** Two underscores in a row stand in no name of a user's, so these clash with none. */
function valueName(view: ViewPlan, column: string): Sql {
  return sql.id(`value__${columnsOf(view).indexOf(column)}`)
}

function newestFirst(source: PrecomputedPlan, view: ViewPlan, alias: string): Sql {
  return sql.join(tieColumns(source, view).map((name) => sql`${sql.id(alias)}.${name} DESC NULLS LAST`))
}

function tieColumns(source: PrecomputedPlan, view: ViewPlan): readonly Sql[] {
  return [
    ...(source.created === null ? [] : [sql.id('created__at')]),
    ...columnsOf(view).map((name) => valueName(view, name)),
  ]
}

function valuesOf(view: ViewPlan): RowSource {
  return {
    computed: ({ name, kind }) => {
      throw new Error(`feature ${name} is of kind ${kind}, which rows that are passed through do not have`)
    },
    column: (name) => valueName(view, name),
  }
}
