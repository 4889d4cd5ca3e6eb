import { sql, tableRef } from '@martlet/warehouse'
import { clockNow, FIRST_INSTANT } from '../../catalog/instant.ts'
import { isStale } from '../../catalog/view-state.ts'
import { servedFeatureTime } from '../../plan/time/grid.ts'
import type { OnlineStore } from '../../online/online-store.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { featureTable, newestRows, tableRows } from '../feature-table.ts'
import { send, type Published } from './publish-rows.ts'
import { ensurePublished, forgetOthers, goneKeys, notePublished, removeGone } from '../published-keys.ts'
import { changeState, type ViewRun } from '../view-run.ts'
import { stepsOf } from '../../plan/view-plan.ts'

/** Publishes the newest row of every entity that has rows the online store may lack, then records that it has them. */
export async function publishComputed(run: ViewRun, online: OnlineStore, signal: AbortSignal): Promise<Published> {
  const { view, warehouse } = run
  const state = await changeState(run, (unchanged) => unchanged)
  const { covered } = state
  const stale = isStale(state)
  if (stale) await online.clear(view.name)
  if (covered === null && stale)
    await changeState(run, (now) => ({ ...now, unpublishedFrom: null, publishedTime: null }))
  if (covered === null) return { rows: 0, written: 0, bytes: 0, newest: null }
  const everything = state.publishedHash !== run.hash || (await online.count(view.name)) === 0
  // The store keeps the newest time of each key, so rows of the old definition that are newer than all new ones would
  // stay.
  if (state.publishedTime !== null && state.publishedHash !== run.hash && (await newestTime(run)) < state.publishedTime)
    await online.clear(view.name)
  // Every entity that has had a row since the last publication counts: one without a row at `last` has left.
  const since =
    everything || state.unpublishedFrom === null || state.publishedTime === null
      ? null
      : earlier(state.unpublishedFrom, state.publishedTime)
  const from = since === null ? null : warehouse.leaves.timestamp(since)
  const last = servedFeatureTime(stepsOf(view), 0, covered.watermark - 1n)
  const query = newestRows(
    view,
    tableRows(featureTable(view), from),
    ['feature_time', ...columnNames(view)],
    'key order',
  )
  // The one row of a calendar never leaves.
  const keys = view.entity.keys.map(({ name }) => sql.id(name))
  const current =
    keys.length === 0
      ? null
      : sql`
        SELECT ${sql.join(keys)}
        FROM ${tableRef(featureTable(view))}
        WHERE feature_time = ${warehouse.leaves.timestamp(last)}
      `
  if (current !== null) {
    const known =
      state.publishedHash === null ? null : sql`SELECT DISTINCT ${sql.join(keys)} FROM ${tableRef(featureTable(view))}`
    await ensurePublished(warehouse, view, known)
    await notePublished(warehouse, view, current)
  }
  const published = await send(online, view, warehouse.stream(query, { signal }), signal, last)
  if (current !== null) {
    // Without a time of their own, the keys to forget are those that are gone: a scan less on most days.
    const gone = await removeGone(warehouse, online, view, goneKeys(view, current), signal)
    if (gone > 0) await forgetOthers(warehouse, view, current)
  }
  await changeState(
    run,
    (now) => ({
      ...now,
      unpublishedFrom: null,
      publishedHash: run.hash,
      publishedTime: published.rows > 0 ? last : stale ? null : now.publishedTime,
    }),
    undefined,
    clockNow(),
  )
  return published
}

async function newestTime({ warehouse, view }: ViewRun): Promise<bigint> {
  const { columns } = await warehouse.read(sql`SELECT MAX(feature_time) AS newest FROM ${tableRef(featureTable(view))}`)
  const [newest] = columns
  return newest?.type === 'timestamp' && newest.nulls?.[0] !== 1 ? (newest.values[0] ?? FIRST_INSTANT) : FIRST_INSTANT
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function columnNames(view: ViewPlan): readonly string[] {
  return [...view.entity.keys.map(({ name }) => name), ...view.features.map(({ name }) => name)]
}
