import type { EventStore } from './events/event-store.ts'
import type { RowStamps } from './row-stamps.ts'

/**
 * One feature row as stored: the key, its feature time and the encoded values.
 * Writers reuse buffers: a store copies the bytes of a row before it asks for the next one.
 */
export interface OnlineRow {
  readonly key: Uint8Array
  /** Feature time T, microseconds since the epoch. */
  readonly time: bigint
  /** Encoded by `row-codec.ts`; opaque to stores. Empty: the entity has left, and has no row from this time on. */
  readonly value: Uint8Array
}

export interface OnlineRead {
  /** One table a feature view. */
  readonly table: string
  readonly keys: readonly Uint8Array[]
}

export interface StoredRow {
  readonly time: bigint
  readonly value: Uint8Array
}

export type MaybePromise<T> = T | Promise<T>

export interface PutOptions {
  /** When rows may be evicted (view ttl), microseconds after their time; absent: never. Reads judge age themselves. */
  readonly keepFor?: bigint
}

/**
 * The latest feature row of every entity, by table. Batch-first; synchronous where memory-mapped.
 *
 * Every store keeps these promises, checked by one contract suite:
 * the newest time wins whatever order writes arrive in, and an equal time replaces;
 * a batch is applied row by row atomically, never half a row; reads keep the order and duplicates of the keys asked
 * for; what a read returns stays as it is, whatever is read or written later.
 *
 * Keys may be any bytes, none included, up to `MAX_KEY_BYTES`; tables are named as `checkTable` in `limits.ts` says.
 */
export interface OnlineStore extends AsyncDisposable {
  readonly kind: string
  /** Says whether rows have changed since they were read; absent where asking would take as long as reading them. */
  readonly stamps?: RowStamps
  /** Where pushed events are kept until the warehouse has them; absent: the store takes none. */
  readonly events?: EventStore
  /** Answers all reads of one request in one round trip: `result[r][k]` belongs to `reads[r].keys[k]`. */
  read(reads: readonly OnlineRead[]): MaybePromise<readonly (readonly (StoredRow | undefined)[])[]>
  /** Writes rows and returns how many were newer than (or as new as) what was stored. Resolves when durable. */
  write(table: string, rows: Iterable<OnlineRow>, options?: PutOptions): Promise<number>
  /**
   * Removes the rows of some keys, whatever their time, and returns how many there were. Nothing of them is left for
   * readers; resolves when durable; an older row may be written afterwards.
   */
  remove(table: string, keys: Iterable<Uint8Array>): Promise<number>
  /**
   * The keys of a table, in batches and in any order; rows that are written or removed meanwhile may be among them or
   * not.
   */
  keys(table: string): AsyncIterable<readonly Uint8Array[]>
  /** Empties a table. */
  clear(table: string): Promise<void>
  /** Rows in a table. */
  count(table: string): MaybePromise<number>
  close(): Promise<void>
}
