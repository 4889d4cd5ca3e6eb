import { sql, dropTable, tableRef, type Warehouse } from '@martlet/warehouse'
import type { Transaction } from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import { clockNow, instantText } from '../catalog/instant.ts'
import type { Lease } from '../catalog/lease.ts'
import { noteNewestRow } from '../catalog/newest-row.ts'
import { countRows } from '../catalog/runs.ts'
import type { CatalogTables } from '../catalog/tables.ts'
import { readViewState, writeViewState, type PendingRange, type ViewState } from '../catalog/view-state.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { createTable, finishSwap } from './feature-table-ddl.ts'
import { featureTable, sideTable } from './feature-table.ts'
import type { ViewWork } from './work.ts'

type Writing = Extract<ViewWork, { action: 'write' | 'rebuild' }>

/**
 * One view of one run: every change of its state goes through the lease, in one transaction with what it depends on.
 */
export interface ViewRun {
  readonly catalog: Catalog
  readonly warehouse: Warehouse
  readonly lease: Lease
  readonly view: ViewPlan
  /** `tableHash(view)` */
  readonly hash: string
  readonly run: string
  readonly actor: string
}

/**
 * Changes the state of a view.
 * @throws MartletError LEASE_LOST when another process has taken over the view
 */
export async function changeState(
  run: ViewRun,
  change: (state: ViewState) => ViewState,
  also?: (db: Transaction<CatalogTables>) => Promise<void>,
  publishedAt?: bigint,
): Promise<ViewState> {
  return run.catalog.db.transaction().execute(async (db) => {
    await run.lease.check(db)
    const next = change(await readViewState(db, run.view.name))
    await writeViewState(db, next, publishedAt)
    await also?.(db)
    return next
  })
}

/** Records what is about to be written, and creates the table for it. */
export async function beginWriting(run: ViewRun, work: Writing): Promise<string> {
  const { warehouse, view } = run
  const table = work.action === 'rebuild' ? sideTable(view.name, run.hash) : featureTable(view)
  const pending: PendingRange = {
    hash: run.hash,
    run: run.run,
    phase: work.action === 'rebuild' ? 'writing side' : 'writing',
    from: work.from,
    to: work.to,
    done: work.start,
  }
  // Recorded before anything is dropped: a run that finds a pending range with nothing done starts it afresh.
  await changeState(run, (state) => ({
    ...state,
    pending,
    covered: work.fresh && work.action === 'write' ? null : state.covered,
    unpublishedFrom: earlier(state.unpublishedFrom, work.action === 'rebuild' ? work.from : work.start),
  }))
  if (work.fresh) await dropTable(warehouse, table)
  await createTable(warehouse, view, table)
  return table
}

/** Records that everything before `chunk.to` is written, and how many rows the run has written. */
export async function checkpoint(
  run: ViewRun,
  chunk: { readonly from: bigint; readonly to: bigint },
  rows: number,
): Promise<void> {
  await changeState(
    run,
    (state) => (state.pending === null ? state : { ...state, pending: { ...state.pending, done: chunk.to } }),
    async (db) => {
      await db
        .insertInto('checkpoints')
        .values({
          run_id: run.run,
          view: run.view.name,
          hash: run.hash,
          from_time: instantText(chunk.from),
          to_time: instantText(chunk.to),
          rows,
          written_at: instantText(clockNow()),
        })
        .execute()
      await countRows(db, run.run, rows)
    },
  )
}

/** The last step of writing: swaps in the side table of a rebuild, and moves the watermark. */
export async function endWriting(run: ViewRun, work: Writing): Promise<void> {
  if (work.action === 'rebuild') {
    await changeState(run, (state) =>
      state.pending === null ? state : { ...state, pending: { ...state.pending, phase: 'swapping' } },
    )
    await endSwap(run)
    return
  }
  const newest = await newestRow(run)
  await changeState(
    run,
    (state) => ({
      ...state,
      pending: null,
      covered: joined(state.covered, { hash: run.hash, since: work.from, watermark: work.to }),
    }),
    (db) => noteNewestRow(db, run.view.name, newest),
  )
}

/** Completes a swap that this process or one that died has begun; does nothing when there is none. */
export async function endSwap(run: ViewRun): Promise<void> {
  const { pending } = await readViewState(run.catalog.db, run.view.name)
  if (pending?.phase !== 'swapping') return
  const side = sideTable(run.view.name, pending.hash)
  await finishSwap(run.warehouse, run.view, side)
  await dropTable(run.warehouse, side)
  const newest = await newestRow(run)
  await changeState(
    run,
    (state) => ({
      ...state,
      pending: null,
      covered: { hash: pending.hash, since: pending.from, watermark: pending.to },
    }),
    (db) => noteNewestRow(db, run.view.name, newest),
  )
}

async function newestRow({ warehouse, view }: ViewRun): Promise<bigint | null> {
  const { columns } = await warehouse.read(sql`SELECT MAX(feature_time) AS newest FROM ${tableRef(featureTable(view))}`)
  const [newest] = columns
  return newest?.type === 'timestamp' && newest.nulls?.[0] !== 1 ? (newest.values[0] ?? null) : null
}

/** Drops the side table that a rebuild to another definition has left behind. */
export async function dropStaleSide(run: ViewRun, work: Writing): Promise<void> {
  const { pending } = await readViewState(run.catalog.db, run.view.name)
  if (pending === null || (pending.hash === run.hash && (work.action === 'rebuild' || pending.phase === 'writing')))
    return
  if (pending.phase === 'writing side') await dropTable(run.warehouse, sideTable(run.view.name, pending.hash))
  await changeState(run, (state) => ({ ...state, pending: null }))
}

type Covered = NonNullable<ViewState['covered']>

function joined(before: ViewState['covered'], now: Covered): Covered {
  if (before === null || before.hash !== now.hash) return now
  return {
    hash: now.hash,
    since: before.since < now.since ? before.since : now.since,
    watermark: before.watermark > now.watermark ? before.watermark : now.watermark,
  }
}

function earlier(a: bigint | null, b: bigint): bigint {
  return a === null || b < a ? b : a
}
