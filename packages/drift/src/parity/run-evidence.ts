import { isContinuous, passedThroughOf, type Catalog, type ViewPlan } from '@martlet/feature-store'
import { sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { AT } from './recomputed-rows.ts'
import { NO, present, type RowTimes, type ViewEvidence } from './evidence.ts'
import { publishedRuns } from './written-runs.ts'

/**
 * What the log and the runs say of rows that no feature table has: those of a continuous view, whose feature time is that of
 * the newest event, and those of a precomputed table.
 */
export async function runEvidence(
  session: Warehouse,
  view: ViewPlan,
  { due, had }: RowTimes,
  bare: ViewEvidence,
  catalog: Catalog | undefined,
): Promise<ViewEvidence> {
  if (had === undefined) return bare
  const servedAt = sql.id('p', AT)
  // An event, or row, was served that is not there any more: it was changed, or taken back.
  const gone = sql`(${present(sql`${had} < ${servedAt}`)} AND (${due} IS NULL OR ${present(sql`${had} > ${due}`)}))`
  const base = { ...bare, changed: sql`(${bare.changed} OR ${gone})` }
  // What counts in a recomputed row had arrived by then, so the store could have had it.
  if (arrivalOf(view)) return base
  if (catalog === undefined) return { ...base, older: NO, lacking: NO }
  const runs = await publishedRuns(session, catalog, view.name)
  const { leaves } = session
  const ready =
    view.delay === 0 ? due : leaves.fromEpochMicros(sql`${leaves.epochMicros(due)} + ${sql.lit(view.delay)}`)
  // A run that began when the row should have been there, and ended before it was asked for, did not find it.
  const looked = present(sql`b.began > ${ready}`)
  return {
    ...base,
    join: sql`
      ${base.join}
      LEFT JOIN ${tableRef(runs)} b ON b.from_time <= ${servedAt} AND ${servedAt} < b.to_time
    `,
    older: sql`(${base.older} AND NOT ${looked})`,
    lacking: sql`(${base.lacking} AND NOT ${looked})`,
    changed: sql`(${base.changed} OR ((${base.older} OR ${base.lacking}) AND ${looked}))`,
  }
}

/** Whether the source says when its rows arrived. */
function arrivalOf(view: ViewPlan): boolean {
  if (!isContinuous(view)) return (passedThroughOf(view.source)?.created ?? null) !== null
  return view.source !== null && 'knownAt' in view.source && view.source.knownAt !== null
}
