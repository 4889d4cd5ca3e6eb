import type { Kysely } from 'kysely'
import { instantText, toMicros } from './instant.ts'
import type { CatalogTables, ViewStatesTable } from './tables.ts'

/** Which instants of a view are complete, what is being written, and what the online store lacks. */
export interface ViewState {
  readonly view: string
  /** All closed instants in `[since, watermark)` are in the table, by the definition with this hash. */
  readonly covered: { readonly hash: string; readonly since: bigint; readonly watermark: bigint } | null
  readonly pending: PendingRange | null
  readonly unpublishedFrom: bigint | null
  readonly publishedHash: string | null
  /** The newest feature time that was published. */
  readonly publishedTime: bigint | null
}

/**
 * Whether the online store holds rows that must be removed before anything else is published: as the newest rows,
 * they would otherwise stay.
 */
export function isStale({ publishedHash, publishedTime }: ViewState): boolean {
  return publishedHash === null && publishedTime !== null
}

export interface PendingRange {
  readonly hash: string
  readonly run: string
  readonly phase: 'writing' | 'writing side' | 'swapping'
  readonly from: bigint
  readonly to: bigint
  /** The part of the range before this is written. */
  readonly done: bigint
}

export async function readViewState(db: Kysely<CatalogTables>, view: string): Promise<ViewState> {
  const row = await db.selectFrom('view_states').selectAll().where('view', '=', view).executeTakeFirst()
  return row === undefined
    ? { view, covered: null, pending: null, unpublishedFrom: null, publishedHash: null, publishedTime: null }
    : fromRow(row)
}

/** Writes the whole state of a view. Call it in the transaction that reads what the state depends on. */
export async function writeViewState(db: Kysely<CatalogTables>, state: ViewState, publishedAt?: bigint): Promise<void> {
  const row = toRow(state)
  const { numUpdatedRows } = await db
    .updateTable('view_states')
    .set(publishedAt === undefined ? row : { ...row, published_at: instantText(publishedAt) })
    .where('view', '=', state.view)
    .executeTakeFirst()
  if (numUpdatedRows === 0n)
    await db
      .insertInto('view_states')
      .values({ ...row, published_at: publishedAt === undefined ? null : instantText(publishedAt) })
      .execute()
}

function fromRow(row: ViewStatesTable): ViewState {
  const { hash, since, watermark } = row
  const { pending_hash, pending_run, pending_phase, pending_from, pending_to, pending_done } = row
  return {
    view: row.view,
    covered:
      hash === null || since === null || watermark === null
        ? null
        : { hash, since: toMicros(since), watermark: toMicros(watermark) },
    pending:
      pending_hash === null ||
      pending_run === null ||
      pending_phase === null ||
      pending_from === null ||
      pending_to === null ||
      pending_done === null
        ? null
        : {
            hash: pending_hash,
            run: pending_run,
            phase: pending_phase,
            from: toMicros(pending_from),
            to: toMicros(pending_to),
            done: toMicros(pending_done),
          },
    unpublishedFrom: row.unpublished_from === null ? null : toMicros(row.unpublished_from),
    publishedHash: row.published_hash,
    publishedTime: row.published_time === null ? null : toMicros(row.published_time),
  }
}

function toRow(state: ViewState): Omit<ViewStatesTable, 'published_at'> {
  const { covered, pending } = state
  return {
    view: state.view,
    hash: covered?.hash ?? null,
    since: covered === null ? null : instantText(covered.since),
    watermark: covered === null ? null : instantText(covered.watermark),
    pending_hash: pending?.hash ?? null,
    pending_run: pending?.run ?? null,
    pending_phase: pending?.phase ?? null,
    pending_from: pending === null ? null : instantText(pending.from),
    pending_to: pending === null ? null : instantText(pending.to),
    pending_done: pending === null ? null : instantText(pending.done),
    unpublished_from: state.unpublishedFrom === null ? null : instantText(state.unpublishedFrom),
    published_hash: state.publishedHash,
    published_time: state.publishedTime === null ? null : instantText(state.publishedTime),
  }
}
