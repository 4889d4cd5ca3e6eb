import {
  entityIn,
  featureHash,
  featureTable,
  featureTimeColumn,
  history,
  isContinuous,
  nameIn,
  passedThroughOf,
  readViewState,
  tableHash,
  type Catalog,
  type ServiceView,
  type ViewPlan,
} from '@martlet/feature-store'
import { sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import type { RecomputedRows } from './recomputed-rows.ts'
import { AT } from './recomputed-rows.ts'
import { writtenRuns } from './written-runs.ts'

/**
 * What is known about the rows of a view: conditions over the recomputed rows `p`, and what is joined to them. Conditions
 * are never null.
 */
export interface ViewEvidence {
  readonly join: Sql
  /** The row was served as too old. */
  readonly withheld: Sql
  /** By the definitions the row was too old. */
  readonly tooOld: Sql
  /** The store had an older row than the one that was due. */
  readonly older: Sql
  /** The store had no row, though one was due. */
  readonly none: Sql
  /** Of those: the store should have had one. */
  readonly lacking: Sql
  /** The store had the row that was due, as far as the log says. */
  readonly due: Sql
  /** The row that was due had been written by then without the entity, which is in it or in the facts now. */
  readonly cameLater: Sql
  /** The row of the feature table was written again after the prediction. */
  readonly rewritten: Sql
  /** Whether the feature table has the row. */
  readonly stored: Sql
  /** The value of a feature there; undefined when the table does not have it as it is defined now. */
  value(feature: string): { readonly sql: Sql; readonly type: ColumnSpec['type'] } | undefined
}

const NO = sql`(1 = 0)`

/** Puts together what is known about the rows of a view. */
export async function viewEvidence(
  session: Warehouse,
  read: ServiceView,
  { table, served }: RecomputedRows,
  catalog: Catalog | undefined,
): Promise<ViewEvidence> {
  const { leaves } = session
  const { view, via } = read
  const name = nameIn(read)
  const [time, withheld] = [served.column(name, 'time'), served.column(name, 'withheld')]
  const due = sql.id('p', featureTimeColumn(name))
  const had = time === undefined ? undefined : sql.id('p', time)
  const age = sql`${leaves.epochMicros(sql.id('p', AT))} - ${leaves.epochMicros(due)}`
  // The feature time of a continuous view is that of its newest event.
  const isTimed = had !== undefined && !isContinuous(view)
  const present = (condition: Sql): Sql => sql`COALESCE(${condition}, 1 = 0)`
  // Rows of a precomputed table that do not say when they were made may have come after the prediction.
  const source = passedThroughOf(view.source)
  const isDated = isTimed && (source === undefined || source.created !== null)
  const base = {
    withheld: withheld === undefined ? NO : present(sql.id('p', withheld)),
    tooOld: view.ttl === null ? NO : present(sql`${age} > ${sql.lit(view.ttl)}`),
    older: isDated ? present(sql`${had} < ${due}`) : NO,
    none: isTimed ? sql`(${had} IS NULL AND ${due} IS NOT NULL)` : NO,
    due: isTimed ? present(sql`${had} = ${due}`) : NO,
  }
  // A line that says nothing of feature times may have had one.
  const none = sql`(${base.none} AND ${served.isTold})`
  const bare: ViewEvidence = {
    ...base,
    join: sql``,
    lacking: source === undefined || !isDated ? NO : none,
    cameLater: NO,
    rewritten: NO,
    stored: NO,
    value: () => undefined,
  }
  // Keys that another view looks up are not among those of the prediction.
  if (via !== undefined || isContinuous(view)) return bare
  const columns = await session.introspect(featureTable(view))
  if (columns === undefined || columns.every((column) => column.name !== 'run_id')) return bare
  const at = had === undefined ? due : sql`COALESCE(${had}, ${due})`
  const keys = view.entity.keys.map(
    (key, i) => sql`${sql.id('m', key.name)} = ${sql.id('p', entityIn(read).keys[i]?.name ?? key.name)}`,
  )
  const stored = sql`(m.feature_time IS NOT NULL)`
  const row = sql`
    LEFT JOIN ${tableRef(featureTable(view))} m ON ${sql.join([...keys, sql`m.feature_time = ${at}`], sql` AND `)}
  `
  const isSame = await sameFeatures(catalog, view)
  const value: ViewEvidence['value'] = (feature) => {
    const column = columns.find((one) => one.name === feature)
    return column === undefined || !isSame(feature) ? undefined : { sql: sql.id('m', feature), type: column.type }
  }
  if (catalog === undefined) return { ...bare, join: row, stored, value }
  const runs = tableRef(await writtenRuns(session, catalog, view.name))
  const asked = sql.id(featureTimeColumn(name))
  // When the feature times that were due had first been written.
  const written = sql`
    SELECT e.t AS t, MIN(r.ended) AS ended
    FROM (SELECT DISTINCT ${asked} AS t FROM ${tableRef(table)}) e
    JOIN ${runs} r ON r.from_time <= e.t AND e.t < r.to_time
    GROUP BY e.t
  `
  const join = sql`
    ${row}
    LEFT JOIN ${runs} r ON r.run_id = m.run_id
    LEFT JOIN (${written}) w ON w.t = ${due}
  `
  const servedAt = sql.id('p', AT)
  const rewritten = present(sql`r.ended > ${servedAt}`)
  const inTime = present(sql`w.ended <= ${servedAt}`)
  const isNew = sql`(NOT ${stored} OR ${rewritten})`
  const cameLater = sql`(${none} AND ${inTime} AND ${isNew})`
  const lacking = sql`(${none} AND NOT (${inTime} AND ${isNew}))`
  return { ...base, join, lacking, cameLater, rewritten, stored, value }
}

/** Which features the feature table has as they are defined now, as far as the catalog knows. */
async function sameFeatures(catalog: Catalog | undefined, view: ViewPlan): Promise<(feature: string) => boolean> {
  if (catalog === undefined) return () => true
  const { covered } = await readViewState(catalog.db, view.name)
  if (covered === null) return () => false
  if (covered.hash === tableHash(view)) return () => true
  const revisions = await history(catalog.db, 'view', view.name)
  const before = revisions.flatMap((one) =>
    one.kind === 'view' && tableHash(one.plan) === covered.hash ? [one.plan] : [],
  )
  const [plan] = before
  if (plan === undefined) return () => false
  // How long rows are served changes nothing in the table.
  const [stored, present] = [plan, view].map((one) => ({ ...one, ttl: null }))
  return (feature) =>
    stored !== undefined && present !== undefined && featureHash(stored, feature) === featureHash(present, feature)
}
