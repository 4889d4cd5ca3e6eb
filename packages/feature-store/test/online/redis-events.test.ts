import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArrivedEvent } from '../../src/online/events/event-store.ts'
import { redisStore } from '../../src/redis.ts'
import { eventStoreContract, REMEMBERED_MILLISECONDS } from '../contract/event-store-contract.ts'
import { rawClient } from './raw-redis.ts'
import { hasRedis, startRedis, type RedisProcess } from './redis-process.ts'

describe.skipIf(!hasRedis)('on a server', () => {
  let server: RedisProcess
  let stores = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.remove())

  eventStoreContract('redis', () =>
    redisStore({ url: server.url, prefix: `store-${++stores}:`, rememberEventsFor: REMEMBERED_MILLISECONDS }),
  )
})

describe.skipIf(!hasRedis)('in cluster mode, where all keys of a command must be in one slot', () => {
  let server: RedisProcess
  let stores = 0
  beforeAll(async () => {
    server = await startRedis(['--cluster-enabled', 'yes'])
    await using admin = await rawClient(server.url)
    await admin.client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (!String(await admin.client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok'))
      await setTimeout(50)
  })
  afterAll(() => server.remove())

  eventStoreContract('redis cluster node', () =>
    redisStore({ url: server.url, prefix: `store-${++stores}:`, rememberEventsFor: REMEMBERED_MILLISECONDS }),
  )
})

const kills = Math.max(1, Math.round(6 * Number(process.env['MARTLET_RUNS'] ?? 1)))

describe.skipIf(!hasRedis)('a server that writes every command to its disk before it answers', () => {
  it('loses no acknowledged event and counts none twice, however often it is killed', { timeout: 60_000 }, async () => {
    const server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
    try {
      const acknowledged = new Set<string>()
      let next = 0
      let unsure: ArrivedEvent[] = []
      for (let round = 0; round < kills; round++) {
        await using store = await redisStore({ url: server.url })
        const { events } = store
        if (events === undefined) throw new Error('the store takes no events')
        let dead = false
        const kill = async (): Promise<void> => {
          await setTimeout(Math.random() * 60)
          dead = true
          await server.stop('crash')
        }
        // From the first answer on: a busy machine may not give one before.
        let killer: Promise<void> | undefined
        while (!dead) {
          const batch = [...unsure, ...Array.from({ length: 5 }, () => eventOf(String(next++)))]
          unsure = batch
          const taken = await events.append('payments', batch).catch(() => undefined)
          if (taken === undefined) break
          for (const { id } of batch) acknowledged.add(Buffer.from(id).toString())
          unsure = []
          killer ??= kill()
        }
        await (killer ?? kill())
        await server.start()
      }
      await using store = await redisStore({ url: server.url })
      const journal = (await store.events?.read('payments', 0n, 1_000_000)) ?? []
      const ids = journal.map(({ id }) => Buffer.from(id).toString())
      expect(new Set(ids).size).toBe(ids.length)
      expect(journal.map(({ position }) => position)).toEqual(ids.map((_, index) => BigInt(index + 1)))
      const known = new Set(ids)
      expect([...acknowledged].filter((id) => !known.has(id))).toEqual([])
      expect(acknowledged.size).toBeGreaterThan(kills)
      const tails = (await store.events?.tails([{ table: 'velocity', keys: [Buffer.from('k')] }])) ?? []
      expect((tails[0]?.[0] ?? []).map(({ value }) => Buffer.from(value).toString())).toEqual(ids)
    } finally {
      await server.remove()
    }
  })
})

function eventOf(id: string): ArrivedEvent {
  const tails = [{ table: 'velocity', key: Buffer.from('k'), time: 1n, value: Buffer.from(id) }]
  return { id: Buffer.from(id), body: Buffer.from(`{"id":"${id}"}`), arrived: 1n, origin: 'push', tails }
}
