import { STAMP_BUCKETS, stampBucket, type RowStamps, type TableStamps } from '../row-stamps.ts'

/** Stamps of rows that only this process writes. */
export class MemoryStamps implements RowStamps {
  readonly #tables = new Map<string, TableStamps>()
  #state = 0
  readonly era: number = 0

  now(): number {
    return this.#state
  }

  of(table: string): TableStamps {
    const known = this.#tables.get(table)
    if (known !== undefined) return known
    const made = new Uint32Array(STAMP_BUCKETS)
    this.#tables.set(table, made)
    return made
  }

  changed(table: string, key: Uint8Array): void {
    const counters = this.of(table)
    const bucket = stampBucket(key)
    counters[bucket] = (counters[bucket] ?? 0) + 1
    this.#state++
  }

  cleared(table: string): void {
    const counters = this.of(table)
    for (let bucket = 0; bucket < STAMP_BUCKETS; bucket++) counters[bucket] = (counters[bucket] ?? 0) + 1
    this.#state++
  }
}
