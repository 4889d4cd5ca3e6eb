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
  /** Up to this position. @default what is there at the beginning */
  readonly upTo?: bigint
  /** Goes on where the journal begins, although the warehouse lacks events before it. @default false */
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
 * @throws MartletError INGEST_GAP when the journal no longer has events that the warehouse lacks
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
    const upTo = options.upTo ?? (await journal.newest(source.name))
    let brought = { events: 0, rejected: 0 }
    for (;;) {
      const from = await started(session, source.name)
      // A run before may have ended between its transaction and this.
      await journal.trim(source.name, from.drained)
      const lag = (await journal.newest(source.name)) - from.drained
      const progress = { source: source.name, position: from.drained, lag: lag < 0n ? 0n : lag, ...brought }
      if (brought.events > 0) options.onProgress?.(progress)
      if (from.drained >= upTo) return progress
      if (options.signal?.aborted === true) throw cancelled(source.name)
      const left = upTo - from.drained
      const next = await journal.read(source.name, from.drained, left < BigInt(batch) ? Number(left) : batch)
      const first = next[0]?.position ?? upTo + 1n
      if (first !== from.drained + 1n && options.acceptGap !== true) throw gap(source.name, from.drained, first)
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

function cancelled(source: string): MartletError {
  return new MartletError('CANCELLED', `Ingesting source ${source} was stopped. Run it again to go on.`, {
    data: { source },
  })
}

function clock(): bigint {
  return BigInt(Date.now()) * 1000n
}
