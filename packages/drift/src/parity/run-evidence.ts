import { isContinuous, passedThroughOf, type ViewPlan } from '@martlet/feature-store'
import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { AT } from './recomputed-rows.ts'
import { arrivalEvidence } from './arrival-evidence.ts'
import { NO, present, type RowTimes, type ViewEvidence, type Witnesses } from './evidence.ts'
import { publishedRuns } from './written-runs.ts'

interface UnwrittenRows {
  readonly view: ViewPlan
  /** The keys of its rows, from the recomputed rows. */
  readonly keys: readonly Sql[]
}

/**
 * What the log, arrivals and the runs say of rows that no feature table has: those of a continuous view, whose feature time
 * is that of the newest event, and those of a precomputed table.
 */
export async function runEvidence(
  session: Warehouse,
  { view, keys }: UnwrittenRows,
  { due, had }: RowTimes,
  bare: ViewEvidence,
  { catalog, sources }: Witnesses,
): Promise<ViewEvidence> {
  if (had === undefined) return bare
  const servedAt = sql.id('p', AT)
  // An event, or row, was served that is not there any more: it was changed, or taken back.
  const gone = sql`(${present(sql`${had} < ${servedAt}`)} AND (${due} IS NULL OR ${present(sql`${had} > ${due}`)}))`
  const base = { ...bare, changed: sql`(${bare.changed} OR ${gone})` }
  // What counts in a recomputed row had arrived by then, so the store could have had it.
  if (arrivalOf(view)) return base
  const arrivals = isContinuous(view) ? await arrivalEvidence(session, view, keys, sources) : undefined
  if (arrivals === undefined && catalog === undefined) return { ...base, older: NO, lacking: NO }
  const looked = catalog === undefined ? undefined : await lookedFor(session, view, due, catalog)
  // What was served was not made of the newest event: it came after the prediction, or the store was behind.
  const byArrival = arrivals && sql`${arrivals.newest} > ${servedAt}`
  const byRuns = looked?.found ?? sql`CAST(NULL AS ${session.leaves.columnType('boolean')})`
  const cameLate = byArrival === undefined ? byRuns : sql`COALESCE(${byArrival}, ${byRuns})`
  const inTime = present(sql`NOT (${cameLate})`)
  const sameNewest = arrivals === undefined ? NO : sql`(${bare.due} AND ${arrivals.later})`
  return {
    ...base,
    join: sql`${base.join}${looked?.join ?? sql``}${arrivals?.join ?? sql``}`,
    older: sql`(${base.older} AND ${inTime})`,
    lacking: sql`(${base.lacking} AND ${inTime})`,
    changed: sql`(${base.changed} OR ${sameNewest} OR ((${base.older} OR ${base.lacking}) AND ${present(cameLate)}))`,
  }
}

/** Whether a run began when the row should have been there, and ended before it was asked for: it did not find it. */
async function lookedFor(
  session: Warehouse,
  view: ViewPlan,
  due: Sql,
  catalog: NonNullable<Witnesses['catalog']>,
): Promise<{ readonly join: Sql; readonly found: Sql }> {
  const runs = await publishedRuns(session, catalog, view.name)
  const { leaves } = session
  const servedAt = sql.id('p', AT)
  const ready =
    view.delay === 0 ? due : leaves.fromEpochMicros(sql`${leaves.epochMicros(due)} + ${sql.lit(view.delay)}`)
  return {
    join: sql` LEFT JOIN ${tableRef(runs)} b ON b.from_time <= ${servedAt} AND ${servedAt} < b.to_time`,
    found: present(sql`b.began > ${ready}`),
  }
}

/** Whether the source says when its rows arrived. */
function arrivalOf(view: ViewPlan): boolean {
  if (!isContinuous(view)) return (passedThroughOf(view.source)?.created ?? null) !== null
  return view.source !== null && 'knownAt' in view.source && view.source.knownAt !== null
}
