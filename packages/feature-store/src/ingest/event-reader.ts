import type { Value } from '../vocabulary/algebra/value.ts'

/** One event as it came, before anybody has looked into it. */
export interface IncomingEvent {
  /** The bytes of the event; none where a topic has a tombstone. */
  readonly body: Uint8Array
  /** The key that the message had, where it had one. */
  readonly key?: Uint8Array
}

/** Why an event is not valid. */
export interface Reason {
  /** The field, or empty where it is the event as a whole. */
  readonly path: string
  /** What is wrong, such as `amount must be a number`. */
  readonly message: string
}

/** A valid event as values of the columns of the source's table. */
export interface TypedEvent {
  /** In the order of `plan.into.columns`; times are microseconds, decimals units of their last digit. */
  readonly values: readonly Value[]
  /** When it happened, microseconds since the epoch. */
  readonly time: bigint
}

/**
 * What an event turned out to be. `id` says which event of its source it is; what is not valid has an id of its bytes, so
 * that the same event can come again corrected. With neither a row nor reasons it is valid and makes no row by itself: a
 * change of one, or a tombstone.
 */
export type ReadEvent = {
  readonly id: string
  /** What is kept of the event, where that is more than its body, such as with the key of a message. */
  readonly body?: Uint8Array
} & (
  | { readonly event: TypedEvent; readonly reasons?: undefined }
  | { readonly reasons: readonly Reason[]; readonly event?: undefined }
  | { readonly event?: undefined; readonly reasons?: undefined }
)

/** Reads the events of one source: compiled once, then called for each event. */
export interface EventReader {
  /** @param arrived when it came, microseconds since the epoch */
  read(event: IncomingEvent, arrived: bigint): ReadEvent
}
