import { clockNow } from '../../catalog/instant.ts'
import { isStale } from '../../catalog/view-state.ts'
import type { OnlineStore } from '../../online/online-store.ts'
import { passedThroughOf } from '../../vocabulary/sources/list.ts'
import { ensurePublished, forgetOthers, goneKeys, notePublished, removeGone } from '../published-keys.ts'
import { changeState, type ViewRun } from '../view-run.ts'
import { newestRowsOf, newestTimes } from './passed-through-rows.ts'
import { send, type Published } from './publish-rows.ts'

/** Earlier than any row (µs). */
const OLDEST = -(2n ** 62n)

/**
 * Publishes the newest row of every key of a precomputed table, then moves the watermark. A null range means the rows
 * before the present watermark. Rows written after `now` wait for a later run.
 */
export async function publishPassedThrough(
  run: ViewRun,
  online: OnlineStore,
  wanted: { readonly from: bigint; readonly to: bigint } | null,
  now: bigint,
  signal: AbortSignal,
): Promise<Published> {
  const { view, warehouse } = run
  const source = passedThroughOf(view.source)
  if (source === undefined) throw new Error(`the rows of view ${view.name} are computed, not passed through`)
  const stored = await changeState(run, (unchanged) => unchanged)
  const stale = isStale(stored)
  if (stale) await online.clear(view.name)
  const range =
    wanted ??
    (stored.covered === null ? { from: 0n, to: 0n } : { from: stored.covered.since, to: stored.covered.watermark })
  const current = newestTimes(warehouse.leaves, view, source, { to: range.to, known: now })
  await ensurePublished(warehouse, view, null)
  // The newest row of these keys is gone. The store's row is newer than any replacement, so it is removed first.
  const gone = goneKeys(view, current)
  const older = newestRowsOf(warehouse.leaves, view, source, { from: OLDEST, to: range.to, known: now }, gone)
  await removeGone(warehouse, online, view, gone, signal)
  await send(online, view, warehouse.stream(older, { signal }), signal)
  await notePublished(warehouse, view, current)
  const published = await send(
    online,
    view,
    warehouse.stream(newestRowsOf(warehouse.leaves, view, source, { ...range, known: now }), { signal }),
    signal,
  )
  await forgetOthers(warehouse, view, current)
  await changeState(
    run,
    (state) => {
      const before = state.covered?.hash === run.hash ? state.covered : null
      const since = before !== null && before.since < range.from ? before.since : range.from
      const watermark = before !== null && before.watermark > range.to ? before.watermark : range.to
      const covered = wanted === null ? state.covered : { hash: run.hash, since, watermark }
      return {
        ...state,
        pending: null,
        covered,
        unpublishedFrom: null,
        publishedHash: run.hash,
        publishedTime: published.newest ?? (stale ? null : state.publishedTime),
      }
    },
    undefined,
    clockNow(),
  )
  return published
}
