import { join } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import type { Database } from 'lmdb'
import { checkKey, checkTable } from '../limits.ts'
import type { OnlineRow, OnlineStore, StoredRow } from '../online-store.ts'
import { RowStage } from '../row-stage.ts'
import { workUnderWay } from '../work-under-way.ts'
import { ChangedBuckets } from './changed-buckets.ts'
import { keyEncoder } from './key-encoder.ts'
import { lmdbEvents } from './lmdb-events.ts'
import { lmdbStamps, STAMPS_TABLE } from './lmdb-stamps.ts'
import { MAX_TABLES, openRoot } from './open-root.ts'
import { RowArena } from './row-arena.ts'

export interface LmdbStoreOptions {
  /**
   * The folder of the store; made when missing, for this user only. Any number of processes on one machine may open
   * it.
   */
  readonly path: string
  /** Bytes of address space to start with. @default grows as needed */
  readonly mapSize?: number
  /** How long the id of a pushed event is known, in milliseconds. @default 7 days */
  readonly rememberEventsFor?: number
}

type Table = Database<Uint8Array, Uint8Array>

/** One transaction: long enough to be fast, short enough that a serving process that takes a push is not held up. */
const TRANSACTION_ROWS = 16_384
const TRANSACTION_BYTES = 8 << 20
/** Keys in no order touch most pages of a table in every transaction, so there must be fewer of them. */
const UNORDERED_ROWS = 131_072
const UNORDERED_BYTES = 64 << 20

/** Keys that are listed or removed at once. */
const KEYS_A_BATCH = 4096

const TABLE_OPTIONS = { encoding: 'binary', keyEncoder } as const

/**
 * Opens an online store in a folder: memory-mapped, read without waiting, written by one process at a time,
 * and intact after a crash at any instant. Throws `ONLINE_STORE_OPEN_FAILED`.
 *
 * @example
 * const store = openLmdbStore({ path: 'data/online' })
 */
export function openLmdbStore({ path, mapSize, rememberEventsFor }: LmdbStoreOptions): OnlineStore {
  const root = openRoot(path, mapSize)
  const tables = new Map<string, Table>()
  const idle: RowStage[] = []
  const work = workUnderWay()
  let closed = false

  const opened = (table: string): Table | undefined => {
    if (closed) throw new MartletError('ONLINE_STORE_CLOSED', `The online store ${path} is closed. Open it again.`)
    const known = tables.get(table)
    if (known !== undefined) return known
    checkTable(table)
    // Opening takes the write lock, so look first whether another process has made the table.
    return root.getBinaryFast(Buffer.from(`${table}\0`)) === undefined ? undefined : create(table)
  }
  const create = (table: string): Table => {
    try {
      const made: Table = root.openDB<Uint8Array, Uint8Array>(table, TABLE_OPTIONS)
      tables.set(table, made)
      return made
    } catch (cause) {
      throw new MartletError(
        'ONLINE_TABLE_FAILED',
        `Table ${table} of the online store ${path} cannot be opened. A store holds up to ${MAX_TABLES} tables.`,
        { data: { path, table }, cause },
      )
    }
  }

  const events = lmdbEvents(join(path, 'events'), work, rememberEventsFor)
  const stamps = lmdbStamps(root, () => opened(STAMPS_TABLE))
  /** Made before a transaction begins, since that takes the write lock. */
  const stamped = (table: string): Mark => {
    const records = tables.get(STAMPS_TABLE) ?? create(STAMPS_TABLE)
    return (changed) => stamps.mark(records, table, changed)
  }

  const commit = async (table: string, database: Table, stage: RowStage): Promise<number> => {
    const order = stage.isOrdered() ? undefined : stage.order()
    const mark = stamped(table)
    let written = 0
    try {
      for (let from = 0; from < stage.rows; from += TRANSACTION_ROWS) {
        const to = Math.min(from + TRANSACTION_ROWS, stage.rows)
        written += await database.transaction(() => putNewer(database, stage, order, from, to, mark))
      }
      return written
    } catch (cause) {
      throw new MartletError(
        'ONLINE_WRITE_FAILED',
        `Writing to table ${table} of the online store ${path} failed. Is the disk full?`,
        { data: { path, table }, cause },
      )
    }
  }

  const writeRows = async (table: string, database: Table, rows: Iterable<OnlineRow>): Promise<number> => {
    const source = rows[Symbol.iterator]()
    const stage = idle.pop() ?? new RowStage()
    let written = 0
    let more = true
    try {
      while (more) {
        stage.clear()
        more = fill(stage, table, source, TRANSACTION_ROWS, TRANSACTION_BYTES)
        if (more && !stage.isOrdered()) more = fill(stage, table, source, UNORDERED_ROWS, UNORDERED_BYTES)
        if (stage.rows > 0) written += await commit(table, database, stage)
      }
    } finally {
      if (more) source.return?.()
      if (idle.length === 0) idle.push(stage)
    }
    return written
  }

  const removeKeys = async (table: string, database: Table, keys: Iterable<Uint8Array>): Promise<number> => {
    const mark = stamped(table)
    let removed = 0
    try {
      for (const batch of batches(table, keys))
        removed += await database.transaction(() => removeAll(database, batch, mark))
      return removed
    } catch (cause) {
      if (cause instanceof MartletError) throw cause
      const message = `removing rows from table ${table} of the online store ${path} failed: is the disk full?`
      throw new MartletError('ONLINE_WRITE_FAILED', message, { data: { path, table }, cause })
    }
  }

  const clearTable = async (table: string, database: Table): Promise<void> => {
    const mark = stamped(table)
    await database.transaction(() => {
      const all = new ChangedBuckets()
      all.addAll()
      void database.clearAsync()
      mark(all)
    })
  }

  // Opening a table takes the write lock for a moment: better now than in a request.
  for (const name of root.getKeys()) opened(Buffer.from(name).toString().slice(0, -1))

  return {
    kind: 'lmdb',
    stamps,
    events: events.store,
    read(reads) {
      const arena = new RowArena()
      return reads.map(({ table, keys }): readonly (StoredRow | undefined)[] => {
        const database = opened(table)
        return keys.map((key) => {
          checkKey(table, key)
          const bytes = database?.getBinaryFast(key)
          return bytes === undefined ? undefined : arena.keep(bytes)
        })
      })
    },
    async write(table, rows) {
      return work.track(writeRows(table, opened(table) ?? create(table), rows))
    },
    async remove(table, keys) {
      const database = opened(table)
      return database === undefined ? 0 : work.track(removeKeys(table, database, keys))
    },
    async *keys(table) {
      // Without a start, the library begins where its own kinds of keys do, behind some of ours.
      let start: Uint8Array = new Uint8Array(0)
      for (let exclusiveStart = false; ; exclusiveStart = true) {
        const database = opened(table)
        if (database === undefined) return
        // A cursor that stays open keeps pages from being used again, so each batch has its own and begins where the
        // last one ended.
        const batch = [...database.getKeys({ start, exclusiveStart, limit: KEYS_A_BATCH })]
        if (batch.length > 0) yield batch
        const last = batch.at(-1)
        if (last === undefined || batch.length < KEYS_A_BATCH) return
        start = last
      }
    },
    async clear(table) {
      const database = opened(table)
      if (database !== undefined) await work.track(clearTable(table, database))
    },
    count(table) {
      const stats = opened(table)?.getStats()
      return stats !== undefined && 'entryCount' in stats && typeof stats.entryCount === 'number' ? stats.entryCount : 0
    },
    async close() {
      if (closed) return
      closed = true
      await work.ended()
      await events.close()
      await root.close()
    },
    async [Symbol.asyncDispose]() {
      await this.close()
    },
  }
}

type Mark = (changed: ChangedBuckets) => void

/** Runs inside a write transaction, so nobody can put a newer row between the comparison and the write. */
function putNewer(
  database: Table,
  stage: RowStage,
  order: Float64Array | undefined,
  from: number,
  to: number,
  mark: Mark,
): number {
  const changed = new ChangedBuckets()
  let written = 0
  for (let place = from; place < to; place++) {
    const row = order?.[place] ?? place
    const key = stage.key(row)
    const stored = database.getBinaryFast(key)
    if (stored !== undefined && stored.readBigInt64BE(0) > stage.time(row)) continue
    void database.put(key, stage.timeAndValue(row))
    changed.add(key)
    written++
  }
  mark(changed)
  return written
}

/** Takes more rows until the stage holds `maxRows` or about `maxBytes`; true when there may be more. */
function fill(stage: RowStage, table: string, source: Iterator<OnlineRow>, maxRows: number, maxBytes: number): boolean {
  while (stage.rows < maxRows && stage.length < maxBytes) {
    const next = source.next()
    if (next.done === true) return false
    checkKey(table, next.value.key)
    stage.add(next.value)
  }
  return true
}

/** Copies of the keys, since writers reuse buffers. */
function* batches(table: string, keys: Iterable<Uint8Array>): Generator<readonly Uint8Array[]> {
  let batch: Uint8Array[] = []
  for (const key of keys) {
    checkKey(table, key)
    batch.push(Uint8Array.from(key))
    if (batch.length < KEYS_A_BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function removeAll(database: Table, keys: readonly Uint8Array[], mark: Mark): number {
  const changed = new ChangedBuckets()
  let removed = 0
  for (const key of keys) {
    if (database.getBinaryFast(key) === undefined) continue
    void database.remove(key)
    changed.add(key)
    removed++
  }
  mark(changed)
  return removed
}
