import { MartletError } from '@martlet/warehouse'
import { checkKey, checkTable } from '../limits.ts'
import type { OnlineStore, StoredRow } from '../online-store.ts'
import { memoryEvents } from './memory-events.ts'
import { MemoryStamps } from './memory-stamps.ts'

export interface MemoryStoreOptions {
  /** How long the id of a pushed event is known, in milliseconds. @default 7 days */
  readonly rememberEventsFor?: number
}

/** An online store in this process's memory: for tests and for trying things out. Nothing survives `close`. */
export function openMemoryStore({ rememberEventsFor }: MemoryStoreOptions = {}): OnlineStore {
  const tables = new Map<string, Map<string, StoredRow>>()
  const stamps = new MemoryStamps()
  let closed = false
  const remembered = rememberEventsFor === undefined ? undefined : BigInt(Math.round(rememberEventsFor * 1000))
  const events = memoryEvents(() => closed, remembered)
  const open = (table: string): Map<string, StoredRow> | undefined => {
    if (closed) throw new MartletError('ONLINE_STORE_CLOSED', 'The memory online store is closed. Open another one.')
    checkTable(table)
    return tables.get(table)
  }
  return {
    kind: 'memory',
    stamps,
    events,
    read(reads) {
      return reads.map(({ table, keys }) => {
        const rows = open(table)
        return keys.map((key) => rows?.get(text(key)))
      })
    },
    async write(table, batch) {
      let rows = open(table)
      if (rows === undefined) tables.set(table, (rows = new Map()))
      let written = 0
      for (const { key, time, value } of batch) {
        checkKey(table, key)
        const id = text(key)
        const stored = rows.get(id)
        if (stored !== undefined && stored.time > time) continue
        rows.set(id, { time, value: new Uint8Array(value) })
        stamps.changed(table, key)
        written++
      }
      return written
    },
    async remove(table, keys) {
      const rows = open(table)
      let removed = 0
      for (const key of keys) {
        checkKey(table, key)
        if (rows?.delete(text(key)) !== true) continue
        stamps.changed(table, key)
        removed++
      }
      return removed
    },
    async *keys(table) {
      yield [...(open(table)?.keys() ?? [])].map((key) => Buffer.from(key, 'latin1'))
    },
    async clear(table) {
      open(table)?.clear()
      stamps.cleared(table)
    },
    count(table) {
      return open(table)?.size ?? 0
    },
    async close() {
      closed = true
      tables.clear()
    },
    async [Symbol.asyncDispose]() {
      await this.close()
    },
  }
}

/** Bytes as a string of the same length, so that they can be the key of a map. */
function text(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
