import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterAll, describe, expect, it } from 'vitest'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import type { OnlineRow, OnlineStore } from '../../src/online/online-store.ts'
import { stampBucket } from '../../src/online/row-stamps.ts'
import { onlineStoreContract } from '../contract/online-store-contract.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-online-'))
  folders.push(folder)
  return join(folder, 'online')
}

onlineStoreContract('lmdb', async () => openLmdbStore({ path: await newPath() }))

const key = Uint8Array.of(1)
const row = (time: bigint): OnlineRow => ({ key, time, value: Uint8Array.of(7) })
const timeOf = async (store: OnlineStore, table: string): Promise<bigint | undefined> =>
  (await store.read([{ table, keys: [key] }]))[0]?.[0]?.time

describe('an LMDB store', () => {
  it('has after a restart what was written before, and goes on from there', async () => {
    const path = await newPath()
    const before = openLmdbStore({ path })
    for (const [index, table] of ['usage', 'profile', '.schemas'].entries())
      await before.write(table, [row(BigInt(index))])
    await before.close()
    await using store = openLmdbStore({ path })
    expect([await timeOf(store, 'usage'), await timeOf(store, 'profile'), await timeOf(store, '.schemas')]).toEqual([
      0n,
      1n,
      2n,
    ])
    expect([store.count('usage'), store.count('missing')]).toEqual([1, 0])
    expect(await store.write('profile', [row(0n)])).toBe(0)
  })

  it('may be opened twice in one process: each sees the other, and closing one leaves the other', async () => {
    const path = await newPath()
    const first = openLmdbStore({ path })
    await using second = openLmdbStore({ path })
    await first.write('usage', [row(1n)])
    expect(await timeOf(second, 'usage')).toBe(1n)
    await second.write('usage', [row(2n)])
    expect(await timeOf(first, 'usage')).toBe(2n)
    await first.close()
    await second.write('usage', [row(3n)])
    expect(await timeOf(second, 'usage')).toBe(3n)
  })

  it('shows one store the stamps of another at once, and none before there are any', async () => {
    const path = await newPath()
    await using reader = openLmdbStore({ path })
    await using writer = openLmdbStore({ path })
    const stamp = (): number | undefined => {
      const state = reader.stamps?.now()
      return state === undefined ? undefined : reader.stamps?.of('usage')[stampBucket(key)]
    }
    expect(stamp()).toBe(undefined)
    const seen = new Set<number | undefined>()
    await writer.write('usage', [row(0n)])
    stamp()
    const era = reader.stamps?.era
    for (let time = 1n; time <= 50n; time++) {
      await writer.write('usage', [row(time)])
      seen.add(stamp())
    }
    expect(seen.size).toBe(50)
    expect(reader.stamps?.era).toBe(era)
  })

  it('begins a new era when something has written that keeps no stamps', async () => {
    const path = await newPath()
    await using store = openLmdbStore({ path })
    for (const time of [0n, 1n]) await store.write('usage', [row(time)])
    store.stamps?.now()
    const era = store.stamps?.era
    const earlier = open<Uint8Array, Uint8Array>({ path, noSubdir: false, encoding: 'binary', keyEncoding: 'binary' })
    await earlier
      .openDB<Uint8Array, Uint8Array>('usage', { encoding: 'binary' })
      .put(Uint8Array.of(0, 9), Buffer.alloc(9))
    await earlier.close()
    await store.write('usage', [row(2n)])
    store.stamps?.now()
    expect(store.stamps?.era).not.toBe(era)
  })

  it('opens a table while a write of its own is under way', async () => {
    const path = await newPath()
    await using other = openLmdbStore({ path })
    await using store = openLmdbStore({ path })
    await other.write('profile', [row(5n)])
    const writing = store.write(
      'usage',
      Array.from({ length: 20_000 }, (_, index) => ({ ...row(1n), key: new TextEncoder().encode(String(index)) })),
    )
    expect(await timeOf(store, 'profile')).toBe(5n)
    expect(await writing).toBe(20_000)
  })

  it('finishes writes that are under way when it is closed', async () => {
    const path = await newPath()
    const store = openLmdbStore({ path })
    const writing = [1n, 2n, 3n].map((time) => store.write('usage', [row(time)]))
    await store.close()
    expect(await Promise.all(writing)).toEqual([1, 1, 1])
    await using again = openLmdbStore({ path })
    expect(await timeOf(again, 'usage')).toBe(3n)
  })

  it('grows beyond the address space it was opened with', async () => {
    await using store = openLmdbStore({ path: await newPath(), mapSize: 1 << 20 })
    const value = new Uint8Array(2000)
    expect(
      await store.write(
        'usage',
        Array.from({ length: 5000 }, (_, index) => ({ key: new TextEncoder().encode(String(index)), time: 1n, value })),
      ),
    ).toBe(5000)
    expect(store.count('usage')).toBe(5000)
  })

  it('says which folder it cannot open', async () => {
    const path = await newPath()
    await writeFile(path, 'a file, not a folder')
    expect(() => openLmdbStore({ path })).toThrow(
      expect.objectContaining({ code: 'ONLINE_STORE_OPEN_FAILED', message: expect.stringContaining(path) }),
    )
  })
})
