import type { AppendOptions, ArrivedEvent, EventStore } from '../online/events/event-store.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { IncomingEvent, Reason, TypedEvent } from './event-reader.ts'
import { eventReader } from './read-events.ts'
import { rejectionText } from './rejection.ts'
import type { TailWriter } from './tail-writer.ts'

/** An event that has been read, ready for the store. */
export interface TakenEvent extends ArrivedEvent {
  /** Why it is not valid. */
  readonly reasons?: readonly Reason[]
}

/** What became of some events. */
export interface Taken {
  readonly accepted: number
  /** Valid events that were already there. */
  readonly repeated: number
  /** Events that are in the quarantine, by their index; also those that were there before. */
  readonly rejected: readonly { readonly index: number; readonly reasons: readonly Reason[] }[]
  /** The newest position of the source. */
  readonly position: bigint
}

export interface CameOptions {
  /** When they came, microseconds since the epoch. */
  readonly arrived: bigint
  /** Where each came from, by its index. */
  readonly origin: (index: number) => string
}

/** Takes events of one source, whoever brings them. */
export interface Intake {
  readonly plan: IngestPlan
  /** Reads events; a long list can be read in pieces. */
  read(events: readonly IncomingEvent[], options: CameOptions): readonly TakenEvent[]
  /** Adds events that were read to the store; they are durable when it resolves. */
  append(events: readonly TakenEvent[], options?: AppendOptions): Promise<Taken>
}

/**
 * Compiles the intake of a source: schema, ids, and what continuous views keep of its events.
 *
 * @param tails gives the writer of tails, each time that events are read; undefined: no view reads the source
 * @example await intake.append(intake.read([{ body }], { arrived, origin: () => 'push' }))
 */
export function openIntake(plan: IngestPlan, store: EventStore, tails?: () => TailWriter | undefined): Intake {
  const reader = eventReader(plan)
  return {
    plan,
    read(events, { arrived, origin }) {
      const valid: TypedEvent[] = []
      const read = events.map((event) => {
        const one = reader.read(event, arrived)
        if (one.event !== undefined) valid.push(one.event)
        return one
      })
      const written = valid.length === 0 ? undefined : tails?.()?.(valid)
      let next = 0
      return read.map((one, index): TakenEvent => {
        const body = one.body ?? events[index]?.body ?? new Uint8Array(0)
        const came = { id: Buffer.from(one.id), body, arrived, origin: origin(index) }
        if (one.reasons !== undefined)
          return { ...came, tails: [], reasons: one.reasons, rejected: rejectionText(one.reasons) }
        return { ...came, tails: one.event === undefined ? [] : (written?.[next++] ?? []) }
      })
    },
    async append(events, options) {
      const { position, repeated } = await store.append(plan.name, events, options)
      const rejected = events.flatMap(({ reasons }, index) => (reasons === undefined ? [] : [{ index, reasons }]))
      const again = repeated.filter((index) => events[index]?.reasons === undefined).length
      return { accepted: events.length - rejected.length - again, repeated: again, rejected, position }
    },
  }
}
