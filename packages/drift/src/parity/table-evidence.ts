import {
  featureHash,
  featureTable,
  featureTimeColumn,
  history,
  readViewState,
  tableHash,
  type Catalog,
  type ViewPlan,
} from '@martlet/feature-store'
import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { AT, type RecomputedRows } from './recomputed-rows.ts'
import { present, type RowTimes, type ViewEvidence } from './evidence.ts'
import { writtenRuns } from './written-runs.ts'

interface TableRows {
  readonly view: ViewPlan
  /** The name that it has in the service. */
  readonly name: string
  /** The keys of its rows, from the recomputed rows. */
  readonly keys: readonly Sql[]
}

/** What the feature table of a view says of its rows, and the runs that wrote them. */
export async function tableEvidence(
  session: Warehouse,
  { view, name, keys }: TableRows,
  { due, had }: RowTimes,
  bare: ViewEvidence,
  { recomputed, catalog }: { readonly recomputed: RecomputedRows; readonly catalog: Catalog | undefined },
): Promise<ViewEvidence> {
  const columns = await session.introspect(featureTable(view))
  if (columns === undefined || columns.every((column) => column.name !== 'run_id')) return bare
  const at = had === undefined ? due : sql`COALESCE(${had}, ${due})`
  const same = view.entity.keys.map((key, i) => sql`${sql.id('m', key.name)} = ${keys[i] ?? sql`NULL`}`)
  const stored = sql`(m.feature_time IS NOT NULL)`
  const row = sql`
    ${bare.join}
    LEFT JOIN ${tableRef(featureTable(view))} m ON ${sql.join([...same, sql`m.feature_time = ${at}`], sql` AND `)}
  `
  const isSame = await sameFeatures(catalog, view)
  const value: ViewEvidence['value'] = (feature) => {
    const column = columns.find((one) => one.name === feature)
    return column === undefined || !isSame(feature) ? undefined : { sql: sql.id('m', feature), type: column.type }
  }
  if (catalog === undefined) return { ...bare, join: row, stored, value }
  const runs = await writtenRuns(session, catalog, view.name)
  const join = sql`
    ${row}
    LEFT JOIN ${tableRef(runs)} r ON r.run_id = m.run_id
    LEFT JOIN (${firstWritten(runs, recomputed.table, name)}) w ON w.t = ${due}
  `
  const servedAt = sql.id('p', AT)
  const rewritten = present(sql`r.ended > ${servedAt}`)
  const inTime = present(sql`w.ended <= ${servedAt}`)
  const isNew = sql`(NOT ${stored} OR ${rewritten})`
  const cameLater = sql`(${bare.lacking} AND ${inTime} AND ${isNew})`
  const lacking = sql`(${bare.lacking} AND NOT (${inTime} AND ${isNew}))`
  return { ...bare, join, lacking, cameLater, rewritten, stored, value }
}

/** `(t, ended)`: when the feature times that were due had first been written. */
export function firstWritten(runs: string, recomputed: string, name: string): Sql {
  const asked = sql.id(featureTimeColumn(name))
  return sql`
    SELECT e.t AS t, MIN(r.ended) AS ended
    FROM (SELECT DISTINCT ${asked} AS t FROM ${tableRef(recomputed)}) e
    JOIN ${tableRef(runs)} r ON r.from_time <= e.t AND e.t < r.to_time
    GROUP BY e.t
  `
}

/** Which features the feature table has as they are defined now, as far as the catalog knows. */
export async function sameFeatures(
  catalog: Catalog | undefined,
  view: ViewPlan,
): Promise<(feature: string) => boolean> {
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
