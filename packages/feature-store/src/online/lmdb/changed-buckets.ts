import { STAMP_BUCKETS, stampBucket } from '../row-stamps.ts'

/** Counters in one record, so that a single row touches one small record. */
export const CHUNK = 256
export const CHUNKS: number = STAMP_BUCKETS / CHUNK

/** The buckets of the keys that one transaction changes in a table. */
export class ChangedBuckets {
  readonly #changed = new Uint8Array(STAMP_BUCKETS)
  readonly #chunks = new Uint8Array(CHUNKS)
  #any = false

  get any(): boolean {
    return this.#any
  }

  add(key: Uint8Array): void {
    const bucket = stampBucket(key)
    this.#changed[bucket] = 1
    this.#chunks[Math.trunc(bucket / CHUNK)] = 1
    this.#any = true
  }

  addAll(): void {
    this.#changed.fill(1)
    this.#chunks.fill(1)
    this.#any = true
  }

  hasChunk(chunk: number): boolean {
    return this.#chunks[chunk] === 1
  }

  has(bucket: number): boolean {
    return this.#changed[bucket] === 1
  }
}
