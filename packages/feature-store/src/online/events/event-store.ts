import type { MaybePromise, OnlineRead } from '../online-store.ts'

/** What one continuous view keeps of one event, until the view's base holds it. */
export interface TailWrite {
  /** The table of the view. */
  readonly table: string
  /** The entity's key, as in `OnlineRow`. */
  readonly key: Uint8Array
  /** When it happened, microseconds since the epoch. */
  readonly time: bigint
  /** The inputs of the view's aggregates, encoded by their owner; opaque to stores. */
  readonly value: Uint8Array
}

/** One event as it came in. */
export interface ArrivedEvent {
  /** Says which event of its source it is: one that is already there is a repetition, and changes nothing. */
  readonly id: Uint8Array
  /** The bytes that came. */
  readonly body: Uint8Array
  /** When it came, microseconds since the epoch. */
  readonly arrived: bigint
  /** Where it came from: `push`, or a topic, partition and offset. */
  readonly origin: string
  /** Why it is not valid: it is kept for the quarantine, and is in no tail. */
  readonly rejected?: string
  readonly tails: readonly TailWrite[]
}

export interface JournalEvent extends Omit<ArrivedEvent, 'tails'> {
  /** Its place in the source's journal: 1, 2, 3 … without gaps. */
  readonly position: bigint
}

export interface AppendOptions {
  /** How far the origin has been read (`topic/partition` → next offset), stored with the events or not at all. */
  readonly offsets?: Readonly<Record<string, bigint>>
  /**
   * How far these origins had been read when the events were fetched; an origin that is not here was never read. Where the
   * store knows otherwise, another reader has gone on, and nothing is appended: `OFFSETS_MOVED`. Without it, offsets are set.
   */
  readonly after?: Readonly<Record<string, bigint>>
}

export interface Appended {
  /** The position of the newest event of the source. */
  readonly position: bigint
  /** Indexes of the events that were already there. */
  readonly repeated: readonly number[]
}

/** A part of a key's tail: one event, or several that were folded into one value. */
export interface TailPart {
  /** The newest position in it. */
  readonly position: bigint
  /** When the event happened; of folded events, when the newest did. */
  readonly time: bigint
  readonly kind: 'event' | 'folded'
  readonly value: Uint8Array
}

/** Makes one value of some events of one key, and of what was folded before. */
export type FoldTail = (table: string, key: Uint8Array, parts: readonly TailPart[]) => Uint8Array

/**
 * Events on their way to the warehouse, and what continuous views keep of them meanwhile. Part of an online store, because an
 * event must be in the journal and in every tail, or in none.
 *
 * Every store keeps these promises, checked by one contract suite:
 * `append` is one transaction: journal, ids, tails and offsets change together, and are durable when it resolves;
 * an id is accepted once per source, also by two processes at once and after `trim`, as long as `rememberFor` says;
 * positions of a source are 1, 2, 3 … in the order of acceptance.
 */
export interface EventStore {
  /** @throws MartletError OFFSETS_MOVED when `after` is not what the store has */
  append(source: string, events: readonly ArrivedEvent[], options?: AppendOptions): Promise<Appended>
  /** How far each origin of a source has been read. */
  offsets(source: string): Promise<Readonly<Record<string, bigint>>>
  /** Events after a position, in order, at most `limit` of them. */
  read(source: string, after: bigint, limit: number): Promise<readonly JournalEvent[]>
  /** The newest position of a source; 0n when it has no event. */
  newest(source: string): MaybePromise<bigint>
  /** When the newest valid event of a source happened, in any tail; undefined before the first. */
  newestTime(source: string): MaybePromise<bigint | undefined>
  /** Removes events up to a position from the journal: the warehouse has them. Their ids stay known. */
  trim(source: string, upTo: bigint): Promise<void>
  /**
   * The newest position, and a border: `fold` puts no event from before it together with one from after it, so that a base
   * of everything up to here can take the place of what was folded.
   */
  checkpoint(source: string): Promise<bigint>
  /** The tails of some keys, parts in the order of their positions: `result[r][k]` belongs to `reads[r].keys[k]`. */
  tails(reads: readonly OnlineRead[]): MaybePromise<readonly (readonly (readonly TailPart[])[])[]>
  /** Puts the parts of keys with more than `limit` of them together, and returns how many events were folded. */
  fold(table: string, limit: number, fold: FoldTail): Promise<number>
  /** Removes parts up to a position from all tails of a table: their view's base has held them for a while. */
  dropTails(table: string, upTo: bigint): Promise<void>
  /** Removes the tails of some keys, whatever is in them, and returns how many keys had one. */
  removeTails(table: string, keys: Iterable<Uint8Array>): Promise<number>
}
