import { randomBytes } from 'node:crypto'
import type { Database, RootDatabase } from 'lmdb'
import { STAMP_BUCKETS, type RowStamps, type TableStamps } from '../row-stamps.ts'
import { CHUNK, CHUNKS, type ChangedBuckets } from './changed-buckets.ts'

export const STAMPS_TABLE = '.stamps'

/** The stamps of an LMDB store: written in the transactions that change rows, by whatever process. */
export interface LmdbStamps extends RowStamps {
  /** Counts changes; runs inside the transaction that makes them. */
  mark(records: Records, table: string, changed: ChangedBuckets): void
}

type Records = Database<Uint8Array, Uint8Array>

/** The record that changes with every transaction: a random era and the transaction's number. */
const STATE = new Uint8Array(0)
const STATE_BYTES = 16

interface Loaded {
  readonly counters: TableStamps
  /** For each chunk, how often it has changed. */
  readonly head: Uint32Array
  readonly headKey: Uint8Array
  readonly chunkKeys: readonly Uint8Array[]
  state: number
}

/**
 * @param open the table of the stamps; undefined while nobody has made it
 */
export function lmdbStamps(root: RootDatabase<Uint8Array, Uint8Array>, open: () => Records | undefined): LmdbStamps {
  const loaded = new Map<string, Loaded>()
  const last = Buffer.alloc(STATE_BYTES)
  const found = Buffer.alloc(STATE_BYTES)
  const found32 = new Uint32Array(CHUNKS)
  let state = 0
  let era = 0

  const known = (table: string): Loaded => {
    const one = loaded.get(table)
    if (one !== undefined) return one
    const made = {
      counters: new Uint32Array(STAMP_BUCKETS),
      head: new Uint32Array(CHUNKS),
      headKey: Buffer.from(table),
      chunkKeys: Array.from({ length: CHUNKS }, (_, chunk) => Buffer.from(`${table}\0${String.fromCharCode(chunk)}`)),
      state: -1,
    }
    loaded.set(table, made)
    return made
  }

  const load = (records: Records, one: Loaded): void => {
    one.state = state
    read(records, one.headKey, found32)
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      if (found32[chunk] === one.head[chunk]) continue
      one.head[chunk] = found32[chunk] ?? 0
      read(records, one.chunkKeys[chunk] ?? STATE, one.counters.subarray(chunk * CHUNK, (chunk + 1) * CHUNK))
    }
  }

  return {
    now() {
      const records = open()
      if (records === undefined) return undefined
      // What another process has just made durable is seen from now on, not only from the next turn on.
      root.resetReadTxn()
      const bytes = records.getBinaryFast(STATE)
      if (bytes?.length !== STATE_BYTES) return undefined
      let same = 0
      while (same < STATE_BYTES && bytes[same] === last[same]) same++
      if (same === STATE_BYTES) return state
      bytes.copy(found, 0, 0, STATE_BYTES)
      if (!found.subarray(0, 8).equals(last.subarray(0, 8))) era++
      found.copy(last)
      return ++state
    },
    get era() {
      return era
    },
    of(table) {
      const one = known(table)
      const records = open()
      if (one.state !== state && records !== undefined) load(records, one)
      return one.counters
    },
    mark(records, table, changed) {
      if (!changed.any) return
      const { headKey, chunkKeys } = known(table)
      const head = new Uint32Array(CHUNKS)
      const counters = new Uint32Array(CHUNK)
      read(records, headKey, head)
      let wrapped = false
      for (let chunk = 0; chunk < CHUNKS; chunk++) {
        if (!changed.hasChunk(chunk)) continue
        const key = chunkKeys[chunk] ?? STATE
        read(records, key, counters)
        for (let index = 0; index < CHUNK; index++) {
          if (!changed.has(chunk * CHUNK + index)) continue
          counters[index] = (counters[index] ?? 0) + 1
          wrapped ||= counters[index] === 0
        }
        head[chunk] = (head[chunk] ?? 0) + 1
        wrapped ||= head[chunk] === 0
        void records.put(key, bytesOf(counters))
      }
      void records.put(headKey, bytesOf(head))
      void records.put(STATE, nextState(root, records, wrapped))
    },
  }
}

/**
 * The era stays unless a counter begins again, or something wrote in between that keeps no stamps (an earlier version):
 * then the transactions of the store are not all counted.
 */
function nextState(root: RootDatabase<Uint8Array, Uint8Array>, records: Records, wrapped: boolean): Buffer {
  const before = Buffer.alloc(STATE_BYTES)
  const transaction = root.getWriteTxnId()
  const known = readBytes(records, STATE, before)
  const counted = known && (before.readDoubleLE(8) === transaction - 1 || before.readDoubleLE(8) === transaction)
  const next = Buffer.alloc(STATE_BYTES)
  if (counted && !wrapped) before.copy(next, 0, 0, 8)
  else randomBytes(8).copy(next)
  next.writeDoubleLE(transaction, 8)
  return next
}

/** Fills the target with a record, or with zeros where there is none. */
function read(records: Records, key: Uint8Array, target: Uint32Array): void {
  if (!readBytes(records, key, bytesOf(target))) target.fill(0)
}

function readBytes(records: Records, key: Uint8Array, target: Buffer): boolean {
  // `length` counts: the buffer is shared by all reads, and larger.
  const bytes = records.getBinaryFast(key)
  if (bytes === undefined || bytes.length !== target.length) return false
  bytes.copy(target, 0, 0, bytes.length)
  return true
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength)
}
