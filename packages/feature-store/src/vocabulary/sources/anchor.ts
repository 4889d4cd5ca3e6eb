import { z } from 'zod'
import { sql, type Sql } from '@martlet/warehouse'
import type { AnchorPlan } from '../../plan/anchor-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import type { TypedSql } from '../algebra/typed-sql.ts'
import { entityTable, sameEntity, type Frame } from '../algebra/frame.ts'
import { integer } from '../algebra/integer.ts'
import { kindSchema } from '../algebra/kind-schema.ts'
import { expressionText } from '../algebra/expression-words.ts'
import type { Reading } from '../features/feature-kind.ts'
import { sourceKinds } from './list.ts'
import { scanEvents } from './event-rows.ts'
import { tableFields } from './source-schema.ts'

/** The schema of a stored anchor. */
export const anchorSchema: z.ZodType<AnchorPlan> = z.looseObject({
  name: z.string(),
  fact: z.lazy(() =>
    kindSchema<EventsPlan>(
      sourceKinds.filter((kind) => kind.events !== undefined),
      tableFields,
    ),
  ),
  where: expressionSchema.nullable(),
})

/** `service (mart.services where (kind = 'major'))` */
export function anchorWords({ name, fact, where }: AnchorPlan): string {
  return `${name} (${fact.table}${where === null ? '' : ` where ${expressionText(where)}`})`
}

/** The columns that decide which events are anchors, and when. */
export function anchorReads({ fact, where }: AnchorPlan): readonly Reading[] {
  const times = [fact.eventTime, ...(fact.knownAt === null ? [] : [fact.knownAt])]
  return [...times, ...expressionColumns(where)].map((column) => ({ of: 'table', table: fact, column }))
}

/** What the hash of a view covers of an anchor. */
export function anchorCore(
  anchor: AnchorPlan,
  sourceCore: (source: EventsPlan, used: ReadonlySet<string>) => unknown,
): unknown {
  const used = anchorReads(anchor).flatMap((reading) => (reading.of === 'table' ? [reading.column] : []))
  return { ...anchor, fact: sourceCore(anchor.fact, new Set(used)) }
}

/** Where the rows of a view are computed, as far as anchors depend on it. */
export interface AnchoredFrame extends Frame {
  readonly view: Pick<ViewPlan, 'delay'>
}

/** The name of the column that {@link joinAnchor} adds; two underscores in a row stand in no name of a feature. */
export function anchorColumn(alias: string): string {
  return `${alias}__since`
}

/**
 * Joins `rows` (with `e` and `t`) to the newest anchor before t that had arrived. Adds its time in µs as
 * `anchorColumn`, null where there is none.
 */
export function joinAnchor(frame: AnchoredFrame, rows: Sql, anchor: AnchorPlan, alias: string): Sql {
  const joined = frame.leaves.asofJoin({
    left: sql`(${rows}) r`,
    right: sql`(${anchorSteps(frame, anchor)}) a`,
    on: [[sql`r.e`, sql`a.e`]],
    match: { left: sql`r.t`, operator: '>=', right: sql`a.since` },
  })
  return sql`SELECT r.*, a.newest AS ${sql.id(anchorColumn(alias))} FROM ${joined}`
}

/** `(e, since, newest)`: from `since` on, and until the entity's next step, `newest` is the time of the newest anchor. */
function anchorSteps(frame: AnchoredFrame, { fact, where }: AnchorPlan): Sql {
  const { leaves, view } = frame
  const column = (name: string): Sql => sql.id('f', name)
  const typed = (name: string): TypedSql => {
    const found = fact.columns.find((one) => one.name === name)
    if (found === undefined) throw new Error(`${fact.table} has no column ${name}`)
    return { sql: column(name), type: found.type }
  }
  const us = leaves.epochMicros(column(fact.eventTime))
  const counts = [sql`${column(fact.eventTime)} IS NOT NULL`]
  if (where !== null) counts.push(expressionSql(leaves, where, typed))
  if (fact.knownAt !== null) counts.push(sql`${column(fact.knownAt)} IS NOT NULL`)
  const since =
    fact.knownAt === null
      ? sql`${us} + 1`
      : leaves.greatest(sql`${us} + 1`, sql`${leaves.epochMicros(column(fact.knownAt))} - ${integer(view.delay)}`)
  const events = sql`
    SELECT n.e AS e, ${since} AS since, ${us} AS us
    FROM (${scanEvents(leaves, fact, frame.entity)}) f
    JOIN ${entityTable(frame)} n ON ${sameEntity(frame, 'n', 'f')}
    WHERE ${sql.join(counts, sql` AND `)}
  `
  // What arrives late does not undo a newer one.
  return sql`
    SELECT e, since, MAX(us) OVER (PARTITION BY e ORDER BY since ROWS UNBOUNDED PRECEDING) AS newest
    FROM (SELECT e, since, MAX(us) AS us FROM (${events}) anchors GROUP BY e, since) steps
  `
}
