import type { Warehouse } from '@martlet/warehouse'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { Reason } from '../event-reader.ts'

/** An event on its way into the warehouse. */
export interface LandingEvent {
  /** Its place in `raw.<source>`: 1, 2, 3 … in the order in which events were landed. */
  readonly position: bigint
  /** When it came, microseconds since the epoch. */
  readonly arrived: bigint
  readonly id: string
  readonly origin: string
  readonly body: Uint8Array
  /** Why it is not valid, where whoever took it has seen that already. */
  readonly rejected?: readonly Reason[] | undefined
}

/** An event of the quarantine. */
export interface RejectedEvent extends LandingEvent {
  readonly rejected: readonly Reason[]
}

/** What becomes of events behind `raw.<source>`: rows of a table, or changes of it. */
export interface Landing {
  /**
   * Makes the tables that are missing, and what `write` needs in this session. Runs outside a transaction.
   *
   * @throws MartletError INGEST_TABLE_MISMATCH when a table lacks columns
   */
  prepare(session: Warehouse): Promise<void>
  /** Writes what events become, inside a transaction, and returns those that are not valid. */
  write(transaction: Warehouse, events: readonly LandingEvent[]): Promise<readonly RejectedEvent[]>
  /**
   * Makes everything again from all events. `prepare` has run in the session.
   *
   * @param events all events of `raw.<source>`
   */
  replay(session: Warehouse, events: ReplayedEvents): Promise<ReplayedRows>
}

/** All raw events of a source, and the transaction that puts what was made of them in its place. */
export interface ReplayedEvents {
  /** Batches of events in the order of their positions. */
  batches(): AsyncIterable<readonly LandingEvent[]>
  /** Runs in one transaction, if no events have been landed meanwhile. */
  commit(work: (transaction: Warehouse) => Promise<void>): Promise<void>
}

export interface ReplayedRows {
  readonly rows: number
  readonly rejected: number
}

/** Makes the landing of a source. */
export type MakeLanding = (plan: IngestPlan) => Landing
