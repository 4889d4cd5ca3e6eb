import { describe, expect, it } from 'vitest'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { publishRows } from '../../src/online/publish.ts'
import { readDouble, rowCodec } from '../../src/online/row-codec.ts'
import { batch, column, stream, viewPlan } from './view-plans.ts'

const view = viewPlan('usage', { id: 'text' }, { kwh: 'double' }, 3_600_000_000)
const rows = (ids: readonly string[], time: number) =>
  batch({
    id: column('text', ids),
    feature_time: column(
      'timestamp',
      ids.map(() => time),
    ),
    kwh: column(
      'double',
      ids.map(() => time / 2),
    ),
  })

async function* failing() {
  yield rows(['a'], 1)
  throw new RangeError('the warehouse went away')
}

async function* slow() {
  yield rows(['a'], 1)
  await new Promise((resolve) => setTimeout(resolve, 10))
  yield rows(['b'], 1)
}

describe('publishing', () => {
  it('counts rows read and rows taken; publishing again or late changes nothing that is newer', async () => {
    const store = openMemoryStore()
    expect(await publishRows(store, view, stream(rows(['a', 'b'], 10), rows([], 10), rows(['c'], 10)))).toEqual({
      rows: 3,
      written: 3,
    })
    expect(await publishRows(store, view, stream(rows(['a', 'b', 'd'], 9)))).toEqual({ rows: 3, written: 1 })
    expect(await publishRows(store, view, stream(rows(['a', 'b'], 10)))).toEqual({ rows: 2, written: 2 })
    expect(store.count('usage')).toBe(4)
  })

  it('publishes nothing from nothing', async () => {
    expect(await publishRows(openMemoryStore(), view, stream())).toEqual({ rows: 0, written: 0 })
  })

  it('passes the ttl on as the time to keep rows', async () => {
    const seen: (bigint | undefined)[] = []
    const memory = openMemoryStore()
    const store: OnlineStore = {
      ...memory,
      write: (table, list, options) => (seen.push(options?.keepFor), memory.write(table, list, options)),
    }
    await publishRows(store, view, stream(rows(['a'], 1)))
    await publishRows(store, viewPlan('forever', { id: 'text' }, { kwh: 'double' }), stream(rows(['a'], 1)))
    expect(seen).toEqual([undefined, 3_600_000_000n, undefined, undefined])
  })

  it('holds at most two writes of batches at a time, however slow the store', async () => {
    let pulled = 0
    let stored = 0
    let widest = 0
    const memory = openMemoryStore()
    const store: OnlineStore = {
      ...memory,
      async write(table, list, options) {
        const written = await memory.write(table, list, options)
        await new Promise((resolve) => setTimeout(resolve, 1))
        stored += table === 'usage' ? written : 0
        return written
      },
    }
    async function* source() {
      for (let index = 0; index < 30; index++) {
        pulled++
        widest = Math.max(widest, pulled - stored)
        yield rows([`k${index}`], index)
      }
    }
    expect(await publishRows(store, view, source(), { writeRows: 2 })).toEqual({ rows: 30, written: 30 })
    // two rows being written, two being gathered, one asked for
    expect(widest).toBeLessThanOrEqual(5)
  })

  describe('in key order', () => {
    /** What each write of the view's table was given. */
    const watched = (): { readonly store: OnlineStore; readonly writes: string[][] } => {
      const writes: string[][] = []
      const memory = openMemoryStore()
      const write: OnlineStore['write'] = async (table, list, options) => {
        const copies = Array.from(list, ({ key, time, value }) => ({
          key: Uint8Array.from(key),
          time,
          value: Uint8Array.from(value),
        }))
        if (table === 'usage') writes.push(copies.map(({ key }) => Buffer.from(key.subarray(1)).toString()))
        return memory.write(table, copies, options)
      }
      return { store: { ...memory, write }, writes }
    }
    const ids = Array.from({ length: 1000 }, (_, index) => `customer-${String((index * 617) % 1000).padStart(4, '0')}`)
    const batches = (of: readonly string[]) =>
      Array.from({ length: 10 }, (_, part) => rows(of.slice(part * 100, part * 100 + 100), 7))

    it('sends rows that come so as they come', async () => {
      const { store, writes } = watched()
      await publishRows(store, view, stream(...batches(ids.toSorted())), { writeRows: 200 })
      expect(writes.map(({ length }) => length)).toEqual([200, 200, 200, 200, 200])
      expect(writes.flat()).toEqual(ids.toSorted())
    })

    it('collects rows that come in no order, and sends them sorted', async () => {
      const { store, writes } = watched()
      expect(await publishRows(store, view, stream(...batches(ids)), { writeRows: 200 })).toEqual({
        rows: 1000,
        written: 1000,
      })
      expect(writes).toEqual([ids.toSorted()])
    })

    it('lets the later of two rows of one key and time win', async () => {
      const { store } = watched()
      const kwh = (value: number) =>
        batch({
          id: column('text', ids),
          feature_time: column(
            'timestamp',
            ids.map(() => 7),
          ),
          kwh: column(
            'double',
            ids.map(() => value),
          ),
        })
      await publishRows(store, view, stream(kwh(1), kwh(2)), { writeRows: 200 })
      const key = keyCodec(view.entity.keys).encode({ id: 'customer-0500' })
      const [[row] = []] = await store.read([{ table: 'usage', keys: [key] }])
      const codec = rowCodec(view.features)
      const [field] = codec.fields
      expect(row === undefined || field === undefined ? undefined : readDouble(row.value, field)).toBe(2)
    })

    it('writes what it has collected when that has become large', async () => {
      const { store, writes } = watched()
      const long = 'x'.repeat(500_000)
      const wide = viewPlan('usage', { id: 'text' }, { note: 'text' })
      const notes = (of: readonly string[]) =>
        batch({
          id: column('text', of),
          feature_time: column(
            'timestamp',
            of.map(() => 7),
          ),
          note: column(
            'text',
            of.map(() => long),
          ),
        })
      const few = ids.slice(0, 200)
      await publishRows(store, wide, stream(notes(few.slice(0, 100)), notes(few.slice(100))), { writeRows: 100 })
      expect(writes.map(({ length }) => length)).toEqual([126, 74])
      expect(writes[0]).toEqual(few.slice(0, 126).toSorted())
    })
  })

  it('stops between writes when aborted, keeps what was written and reports progress', async () => {
    const abort = new AbortController()
    const progress: unknown[] = []
    const store = openMemoryStore()
    const published = publishRows(store, view, stream(rows(['a'], 1), rows(['b'], 1), rows(['c'], 1)), {
      writeRows: 1,
      signal: abort.signal,
      onProgress: (now) => {
        progress.push(now)
        if (now.rows === 2) abort.abort(new Error('enough'))
      },
    })
    await expect(published).rejects.toMatchObject({ code: 'CANCELLED', data: { view: 'usage', rows: 2, written: 2 } })
    expect(progress).toEqual([
      { rows: 1, written: 1 },
      { rows: 2, written: 2 },
    ])
    expect(store.count('usage')).toBe(2)
  })

  it('passes on errors of the source and of the store', async () => {
    await expect(publishRows(openMemoryStore(), view, failing(), { writeRows: 1 })).rejects.toThrow(
      'the warehouse went away',
    )
    const memory = openMemoryStore()
    const store: OnlineStore = {
      ...memory,
      write: async (table, list) => {
        if (table === 'usage') throw new RangeError('disk full')
        return memory.write(table, list)
      },
    }
    await expect(publishRows(store, view, slow(), { writeRows: 1 })).rejects.toThrow('disk full')
  })
})
