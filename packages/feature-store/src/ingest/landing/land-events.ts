import type { Warehouse } from '@martlet/warehouse'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { Landing, LandingEvent } from './landing.ts'
import { advance, type SourceProgress } from './ledger.ts'
import { rawBatch, rawTable, rejectedBatch, rejectedTable } from './raw-tables.ts'

export interface LandedEvents {
  readonly progress: SourceProgress
  readonly rejected: number
}

export interface LandOptions {
  readonly plan: IngestPlan
  readonly landing: Landing
  /** How far the source is before. */
  readonly from: SourceProgress
  /** Where the journal has been read to; absent: the events come from elsewhere. */
  readonly drained?: bigint
  /** In order; positions are given to them here. */
  readonly events: readonly Omit<LandingEvent, 'position'>[]
  /** When they are landed, microseconds since the epoch. */
  readonly at: bigint
  /** What else belongs into the transaction, such as a ledger of files. */
  readonly also?: (transaction: Warehouse) => Promise<void>
}

/**
 * Brings events into the warehouse in one transaction: raw rows, what becomes of them, the quarantine, and how far the source is.
 *
 * @param session in which the landing has been prepared
 * @throws MartletError INGEST_OVERTAKEN when somebody else has landed events of the source since `from`
 */
export async function landEvents(session: Warehouse, options: LandOptions): Promise<LandedEvents> {
  const { plan, landing, from, drained = from.drained, at, also } = options
  const events = options.events.map((event, index) => ({ ...event, position: from.landed + BigInt(index + 1) }))
  const rejected = await session.transaction(async (transaction) => {
    await advance(transaction, { from, drained, events: events.length, at })
    if (events.length > 0) await transaction.append(rawTable(plan), rawBatch(events))
    const bad = events.length === 0 ? [] : await landing.write(transaction, events)
    if (bad.length > 0) await transaction.append(rejectedTable(plan), rejectedBatch(bad))
    await also?.(transaction)
    return bad.length
  })
  const progress = { source: plan.name, drained, landed: from.landed + BigInt(events.length), landedAt: at }
  return { progress, rejected }
}
