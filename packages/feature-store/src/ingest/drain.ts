import { MartletError, type Warehouse } from '@martlet/warehouse'
import type { EventStore, JournalEvent } from '../online/events/event-store.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import { landEvents } from './landing/land-events.ts'
import type { LandingEvent } from './landing/landing.ts'
import { landingOf } from './landing/landing-of.ts'
import { ensureLedger, progressOf, type SourceProgress } from './landing/ledger.ts'
import { ensureRawTables } from './landing/raw-tables.ts'
import { rejectionReasons } from './rejection.ts'

/** Events that one transaction brings into the warehouse. */
const EVENTS_A_BATCH = 20_000

export interface DrainOptions {
  readonly warehouse: Warehouse
  readonly source: IngestPlan
  readonly events: EventStore
  /** Events in one transaction. @default 20000 */
  readonly batch?: number
  /** Up to this position, or what the journal has of it. @default what is there at the beginning */
  readonly upTo?: bigint
  /** Goes on where the journal begins, although it is not where the warehouse has come to. @default false */
  readonly acceptGap?: boolean
  readonly signal?: AbortSignal
  /** Called after each transaction. */
  readonly onProgress?: (progress: DrainProgress) => void
  /** Microseconds since the epoch. @default the clock */
  readonly now?: () => bigint
}

/** How far a drain is. */
export interface DrainProgress {
  readonly source: string
  /** The position up to which all events are in the warehouse. */
  readonly position: bigint
  /** Events of the journal that are not yet. */
  readonly lag: bigint
  /** Events that this drain has brought, the rejected ones included. */
  readonly events: number
  readonly rejected: number
}

/**
 * Brings the events of a source from the journal into the warehouse: as they came into `raw.<source>`, as rows into the
 * source's table, and what is not valid into `raw.<source>_rejected`, with the position in one transaction for each batch.
 * Then the journal forgets them. Killed anywhere and run again, it gives the same tables; two at once take turns.
 *
 * @throws MartletError INGEST_GAP when the journal no longer has events that the warehouse lacks, or ends before the position
 * that the warehouse has come to: it is another journal, whose events are not in the warehouse
 * @throws MartletError INGEST_TABLE_MISMATCH when the source's table lacks columns
 * @throws MartletError CANCELLED when it was told to stop; what it has brought until then stays
 * @example const { events } = await drain({ warehouse, source: payments.plan, events: online.events })
 */
export async function drain(options: DrainOptions): Promise<DrainProgress> {
  const { warehouse, source, events: journal, batch = EVENTS_A_BATCH, now = clock } = options
  const landing = landingOf(source)
  return warehouse.session(async (session) => {
    await ensureRawTables(session, source)
    await ensureLedger(session, source.name)
    await landing.prepare(session)
    const there = await journal.newest(source.name)
    const upTo = options.upTo === undefined || options.upTo > there ? there : options.upTo
    let brought = { events: 0, rejected: 0 }
    for (;;) {
      const from = await started(session, source.name)
      const newest = await journal.newest(source.name)
      // Its events have positions that the warehouse has had before: they are not those that it has.
      const isAnother = newest < from.drained
      if (isAnother && options.acceptGap !== true) throw another(source.name, from.drained, newest)
      const position = isAnother ? 0n : from.drained
      // A run before may have ended between its transaction and this.
      await journal.trim(source.name, position)
      const progress = { source: source.name, position, lag: newest - position, ...brought }
      if (brought.events > 0) options.onProgress?.(progress)
      if (position >= upTo && !isAnother) return progress
      if (options.signal?.aborted === true) throw cancelled(source.name)
      const left = upTo - position
      const limit = left < BigInt(batch) ? Number(left) : batch
      const next = limit <= 0 ? [] : await journal.read(source.name, position, limit)
      const first = next[0]?.position ?? upTo + 1n
      if (first !== position + 1n && options.acceptGap !== true) throw gap(source.name, position, first)
      const drained = next.at(-1)?.position ?? upTo
      try {
        const events = next.map(landingEvent)
        const landed = await landEvents(session, { plan: source, landing, from, drained, events, at: now() })
        brought = { events: brought.events + next.length, rejected: brought.rejected + landed.rejected }
      } catch (error) {
        // Somebody else has brought these events: go on behind them.
        if (!(error instanceof MartletError && error.code === 'INGEST_OVERTAKEN')) throw error
      }
    }
  })
}

/**
 * The position in its journal up to which a source is in the warehouse; 0n before the first drain.
 *
 * @example await drainedPosition(warehouse, 'payments')
 */
export async function drainedPosition(warehouse: Warehouse, source: string): Promise<bigint> {
  return (await progressOf(warehouse, source))?.drained ?? 0n
}

function landingEvent({ id, body, arrived, origin, rejected }: JournalEvent): Omit<LandingEvent, 'position'> {
  return {
    id: Buffer.from(id).toString(),
    body,
    arrived,
    origin,
    ...(rejected === undefined ? {} : { rejected: rejectionReasons(rejected) }),
  }
}

async function started(session: Warehouse, source: string): Promise<SourceProgress> {
  return (await progressOf(session, source)) ?? { source, drained: 0n, landed: 0n, landedAt: 0n }
}

function gap(source: string, drained: bigint, first: bigint): MartletError {
  return new MartletError(
    'INGEST_GAP',
    `The journal of source ${source} begins at position ${first}, but the warehouse has its events only up to ${drained}: ` +
      'another warehouse has taken them, or this one was restored from an earlier state. Restore the events, or accept the gap.',
    { data: { source, drained: String(drained), first: String(first) } },
  )
}

function another(source: string, drained: bigint, newest: bigint): MartletError {
  return new MartletError(
    'INGEST_GAP',
    `The journal of source ${source} ends at position ${newest}, but the warehouse has taken ${drained} of its events: the ` +
      'online store was emptied, or restored from an earlier state. Restore it, or accept the gap, and materialize anew.',
    { data: { source, drained: String(drained), newest: String(newest) } },
  )
}

function cancelled(source: string): MartletError {
  return new MartletError('CANCELLED', `Ingesting source ${source} was stopped. Run it again to go on.`, {
    data: { source },
  })
}

function clock(): bigint {
  return BigInt(Date.now()) * 1000n
}
