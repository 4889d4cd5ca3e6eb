import { MartletError, type ColumnBatch } from '@martlet/warehouse'
import { clockNow } from '../../catalog/instant.ts'
import { basedKeysSql, baseEventsSql, DRAINED, newestEventSql } from '../../continuous/base-events.ts'
import { baseRows } from '../../continuous/base-rows.ts'
import { closing } from '../../continuous/closing.ts'
import { factOf } from '../../continuous/fact-of.ts'
import { stateLayout, type StateLayout } from '../../continuous/layout.ts'
import {
  publicationKey,
  publicationOf,
  publicationRow,
  PUBLICATIONS,
  type Publication,
} from '../../continuous/publication.ts'
import { sourceOf } from '../../continuous/source-tails.ts'
import type { Border } from '../../continuous/summary.ts'
import type { OnlineStore } from '../../online/online-store.ts'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import { ensurePublished, forgetOthers, goneKeys, notePublished, removeGone } from '../published-keys.ts'
import { changeState, type ViewRun } from '../view-run.ts'
import { drainFirst, type Drained } from '../drain-first.ts'
import type { Published } from './publish-rows.ts'

interface Bases {
  readonly online: OnlineStore
  readonly now: bigint
  readonly signal: AbortSignal
  readonly sources: readonly IngestPlan[]
}

/** So often bases are begun again because others bring events meanwhile. */
const ATTEMPTS = 20

/**
 * Publishes the base of every entity: tiles of all facts that the warehouse has, as of the position up to which pushed
 * events are among them. What says so for the view as a whole follows last, then entities without facts are removed, and
 * tails that the publication before had already held.
 *
 * Killed at any moment, the same call ends in the same rows.
 * @throws MartletError INGEST_OVERTAKEN when others bring events into the fact all the time
 * @throws MartletError INVALID_DEFINITION when the bases before are of another source, whose positions say nothing of this one's
 */
export async function publishBases(run: ViewRun, { online, now, signal, sources }: Bases): Promise<Published> {
  const { view, warehouse } = run
  const layout = stateLayout(view)
  const [[stored] = []] = await online.read([{ table: PUBLICATIONS, keys: [publicationKey(view.name)] }])
  const before = publicationOf(view.name, stored)
  refuseOtherJournal(run, before, online.events === undefined ? undefined : sourceOf(view, sources)?.name)
  const current = basedKeysSql(warehouse.leaves, layout)
  await ensurePublished(warehouse, view, null)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const drained = await drainFirst({ warehouse, online, sources, signal }, view)
    const newest = await newestEvent(run, layout, now)
    const border = closing(view, [newest], now)
    await notePublished(warehouse, view, current)
    const published = await sendBases(run, layout, { online, signal, border, drained })
    if (published === undefined) continue
    const publication = { position: drained?.position ?? 0n, source: drained?.source ?? null, newest }
    await online.write(PUBLICATIONS, [publicationRow(view.name, publication)])
    const gone = await removeGone(warehouse, online, view, goneKeys(view, current), signal)
    if (gone > 0) await forgetOthers(warehouse, view, current)
    // Whoever read tails before this publication may still read bases of the one before, but of none that is older.
    if (before !== undefined) await online.events?.dropTails(view.name, before.position)
    const state = { unpublishedFrom: null, publishedHash: run.hash, publishedTime: border.closedAt }
    await changeState(run, (known) => ({ ...known, ...state }), undefined, clockNow())
    return published
  }
  throw new MartletError(
    'INGEST_OVERTAKEN',
    `Others bring events into ${factOf(view).table} all the time, so the bases of ${view.name} could not be made. Run it again.`,
    { data: { view: view.name, table: factOf(view).table } },
  )
}

/**
 * Bases of one journal are never replaced by those of another one: whichever position is higher would win, and parts of
 * tails would be in them or not as it happens.
 */
function refuseOtherJournal({ view }: ViewRun, before: Publication | undefined, source: string | undefined): void {
  const was = before?.source ?? null
  if (was === null || was === source) return
  const now = source === undefined ? 'no source' : `source ${source}`
  throw new MartletError(
    'INVALID_DEFINITION',
    `The bases of ${view.name} are of source ${was} up to position ${before?.position}, and now ${now} brings its events. ` +
      `Give the source its name ${was} again, or the view another name.`,
    { data: { view: view.name, before: was, source: source ?? null } },
  )
}

interface Sent {
  readonly online: OnlineStore
  readonly signal: AbortSignal
  readonly border: Border
  readonly drained: Drained | undefined
}

/** Sends the bases; undefined, and nothing sent, where the fact has events from behind the position. */
async function sendBases(
  { view, warehouse }: ViewRun,
  layout: StateLayout,
  { online, signal, border, drained }: Sent,
): Promise<Published | undefined> {
  const position = drained?.position ?? 0n
  const published = { rows: 0, written: 0, bytes: 0, newest: border.closedAt }
  const batches = warehouse.stream(baseEventsSql(warehouse.leaves, layout, border, drained?.now), { signal })
  let overtaken = false
  const known = within(batches, position, () => (overtaken = drained !== undefined))
  for await (const rows of baseRows(layout, known, { border, position })) {
    published.rows += rows.length
    published.bytes += rows.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
    published.written += await online.write(view.name, rows)
    signal.throwIfAborted()
  }
  return overtaken ? undefined : published
}

/** The batches, none of them where they say that they are of another position. */
async function* within(
  batches: AsyncIterable<ColumnBatch>,
  position: bigint,
  other: () => void,
): AsyncGenerator<ColumnBatch, void, undefined> {
  for await (const batch of batches) {
    const drained = batch.columns[batch.names.indexOf(DRAINED)]
    if (batch.rows > 0 && drained !== undefined && BigInt(drained.values[0] ?? 0) !== position) return other()
    yield batch
  }
}

async function newestEvent({ warehouse }: ViewRun, layout: StateLayout, now: bigint): Promise<bigint | null> {
  const { columns } = await warehouse.read(newestEventSql(warehouse.leaves, layout, now))
  const [newest] = columns
  if (newest === undefined || newest.nulls?.[0] === 1) return null
  return BigInt(newest.values[0] ?? 0)
}
