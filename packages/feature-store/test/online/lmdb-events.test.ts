import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { eventStoreContract, REMEMBERED_MILLISECONDS } from '../contract/event-store-contract.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-events-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

let stores = 0
eventStoreContract('lmdb', async () =>
  openLmdbStore({ path: join(folder, `store-${stores++}`), rememberEventsFor: REMEMBERED_MILLISECONDS }),
)

const HOUR = 3_600_000_000n

describe('events of an LMDB store', () => {
  it('forget ids as new events come, so that their number is bounded', async () => {
    const path = join(folder, 'forgetting')
    await using store = openLmdbStore({ path, rememberEventsFor: REMEMBERED_MILLISECONDS })
    // A hundred events an hour: those of the last hour are known, and as many again may not have been looked at yet.
    for (let hour = 0; hour < 20; hour++) {
      const events = Array.from({ length: 100 }, (_, index) => ({
        id: Buffer.from(`${hour}-${index}`),
        body: new Uint8Array(0),
        arrived: BigInt(hour) * HOUR + BigInt(index),
        origin: 'push',
        tails: [],
      }))
      await store.events?.append('payments', events)
    }
    await store.close()
    const root = open({ path: join(path, 'events'), noSubdir: false, encoding: 'binary', keyEncoding: 'binary' })
    const stats: unknown = root.openDB('ids', {}).getStats()
    await root.close()
    expect(stats).toMatchObject({ entryCount: expect.toSatisfy((count: number) => count >= 100 && count <= 300) })
  })

  it('are there after a restart, and positions go on', async () => {
    const path = join(folder, 'restarted')
    const event = (id: string) => ({
      id: Buffer.from(id),
      body: Buffer.from(id),
      arrived: 1n,
      origin: 'push',
      tails: [{ table: 'velocity', key: Buffer.from('k'), time: 5n, value: Buffer.from(id) }],
    })
    const before = openLmdbStore({ path })
    await before.events?.append('payments', [event('a')])
    await before.close()
    await using store = openLmdbStore({ path })
    expect(await store.events?.newestTime('payments')).toBe(5n)
    expect(await store.events?.append('payments', [event('a'), event('b')])).toEqual({ position: 2n, repeated: [0] })
  })
})
