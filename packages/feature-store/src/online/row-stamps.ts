/** Keys fall into so many buckets, each with a counter of its own. */
export const STAMP_BUCKETS = 4096

/** The counters of one table: as long as the one of its bucket stays, a row has neither changed nor come nor gone. */
export type TableStamps = Uint32Array

/**
 * Says whether rows have changed since they were read, without reading them again. What is remembered with rows: the
 * counter of {@link stampBucket} of each key that was looked for, found or not.
 */
export interface RowStamps {
  /**
   * A number for the present state of the store, which stays while nobody writes; undefined when nothing can be said.
   * What the same turn of the event loop reads next, without waiting, is of this state.
   */
  now(): number | undefined
  /** Changes when no counter says anything of what was remembered before. */
  readonly era: number
  /** The counters of a table as of the last `now()`; the array is the store's, and changes with it. */
  of(table: string): TableStamps
}

/** The bucket of a key: FNV-1a, with all of its bits taken into account. */
export function stampBucket(key: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ (key[index] ?? 0), 0x01000193)
  return (hash ^ (hash >>> 12) ^ (hash >>> 24)) & (STAMP_BUCKETS - 1)
}
