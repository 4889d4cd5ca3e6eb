import { sql, tableRef, type ColumnBatch } from '@martlet/warehouse'
import { clockNow, FIRST_INSTANT } from '../catalog/instant.ts'
import { isStale } from '../catalog/view-state.ts'
import { servedFeatureTime } from '../compile/grid.ts'
import type { OnlineStore } from '../online/online-store.ts'
import { publishRows } from '../online/publish.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureTable, newestRows, tableRows } from './feature-table.ts'
import { newestPrecomputed, newestTimes } from './precomputed-rows.ts'
import { ensurePublished, forgetOthers, goneKeys, notePublished, removeGone } from './published-keys.ts'
import { changeState, type ViewRun } from './view-run.ts'

/** Before any row, in µs. */
const OLDEST = -(2n ** 62n)

export interface Published {
  /** Rows read, and those that were newer than what the store had. */
  readonly rows: number
  readonly written: number
  /** Bytes of the columns read; what a store needs for them is a little more or less. */
  readonly bytes: number
  /** The newest feature time among them. */
  readonly newest: bigint | null
}

/** Publishes the newest row of every entity that has rows the online store may lack, then notes that it has them. */
export async function publishView(run: ViewRun, online: OnlineStore, signal: AbortSignal): Promise<Published> {
  const { view, warehouse } = run
  const state = await changeState(run, (unchanged) => unchanged)
  const { covered } = state
  const stale = isStale(state)
  if (stale) await online.clear(view.name)
  if (covered === null && stale)
    await changeState(run, (now) => ({ ...now, unpublishedFrom: null, publishedTime: null }))
  if (covered === null) return { rows: 0, written: 0, bytes: 0, newest: null }
  const everything = state.publishedHash !== run.hash || (await online.count(view.name)) === 0
  // The store keeps the newest time of a key, which would protect rows of the old definition that lie later than any new one.
  if (state.publishedTime !== null && state.publishedHash !== run.hash && (await newestTime(run)) < state.publishedTime)
    await online.clear(view.name)
  // Whoever was there when rows were last published, and is not now, has left.
  const since =
    everything || state.unpublishedFrom === null || state.publishedTime === null
      ? null
      : earlier(state.unpublishedFrom, state.publishedTime)
  const from = since === null ? null : warehouse.leaves.timestamp(since)
  const last = servedFeatureTime(view.grid, 0, covered.watermark - 1n)
  const query = newestRows(
    view,
    tableRows(featureTable(view), from),
    ['feature_time', ...columnNames(view)],
    'key order',
  )
  // A calendar has one row, which never leaves.
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
    await removeGone(warehouse, online, view, goneKeys(view, current), signal)
    await forgetOthers(warehouse, view, current)
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

/** Publishes the newest row of every key of a table that holds features already, then moves the watermark; a null range: what the watermark has passed. Rows written after `now` wait for a later run. */
export async function publishPrecomputed(
  run: ViewRun,
  online: OnlineStore,
  wanted: { readonly from: bigint; readonly to: bigint } | null,
  now: bigint,
  signal: AbortSignal,
): Promise<Published> {
  const { view, warehouse } = run
  if (view.source?.kind !== 'precomputed') throw new Error(`view ${view.name} is not precomputed`)
  const stored = await changeState(run, (unchanged) => unchanged)
  const stale = isStale(stored)
  if (stale) await online.clear(view.name)
  const range =
    wanted ??
    (stored.covered === null ? { from: 0n, to: 0n } : { from: stored.covered.since, to: stored.covered.watermark })
  const current = newestTimes(warehouse.leaves, view, view.source, { to: range.to, known: now })
  await ensurePublished(warehouse, view, null)
  // The newest row of these keys is gone: what is in the store is newer than anything that may be published instead.
  const gone = goneKeys(view, current)
  const older = newestPrecomputed(warehouse.leaves, view, view.source, { from: OLDEST, to: range.to, known: now }, gone)
  await removeGone(warehouse, online, view, gone, signal)
  await send(online, view, warehouse.stream(older, { signal }), signal)
  await notePublished(warehouse, view, current)
  const published = await send(
    online,
    view,
    warehouse.stream(newestPrecomputed(warehouse.leaves, view, view.source, { ...range, known: now }), { signal }),
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

async function send(
  online: OnlineStore,
  view: ViewPlan,
  batches: AsyncIterable<ColumnBatch>,
  signal: AbortSignal,
  last?: bigint,
): Promise<Published> {
  const size: Size = { bytes: 0, newest: null }
  const { rows, written } = await publishRows(online, view, measured(batches, size), {
    signal,
    ...(last === undefined ? {} : { last }),
  })
  return { rows, written, ...size }
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

interface Size {
  bytes: number
  newest: bigint | null
}

async function* measured(batches: AsyncIterable<ColumnBatch>, size: Size): AsyncGenerator<ColumnBatch> {
  for await (const batch of batches) {
    for (const { type, values } of batch.columns)
      size.bytes += type === 'text' ? values.reduce((sum, value) => sum + value.length, 0) : values.byteLength
    const time = batch.columns[batch.names.indexOf('feature_time')]
    if (time?.type === 'timestamp')
      for (const at of time.values) if (size.newest === null || at > size.newest) size.newest = at
    yield batch
  }
}

function columnNames(view: ViewPlan): readonly string[] {
  return [...view.entity.keys.map(({ name }) => name), ...view.features.map(({ name }) => name)]
}
