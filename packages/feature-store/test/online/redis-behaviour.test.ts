import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OnlineRow, OnlineStore } from '../../src/online/online-store.ts'
import { redisStore, type RedisConnection } from '../../src/redis.ts'
import { rawClient } from './raw-redis.ts'
import { hasRedis, startRedis, type RedisProcess } from './redis-process.ts'

const row = (name: string, time: bigint): OnlineRow => ({ key: Buffer.from(name), time, value: Buffer.from(name) })
const SECOND = 1_000_000n
const HOUR = 3_600n * SECOND

describe.skipIf(!hasRedis)('a Redis store', () => {
  let server: RedisProcess
  let raw: Awaited<ReturnType<typeof rawClient>>
  beforeAll(async () => {
    server = await startRedis()
    raw = await rawClient(server.url)
  })
  afterAll(async () => {
    await raw[Symbol.asyncDispose]()
    await server.remove()
  })
  beforeEach(async () => {
    await raw.client.sendCommand(['FLUSHALL'])
  })

  const expiry = (key: string): Promise<unknown> => raw.client.sendCommand(['PEXPIRETIME', `martlet:{usage}:0:${key}`])
  const found = async (store: OnlineStore, ...names: string[]): Promise<boolean[]> =>
    ((await store.read([{ table: 'usage', keys: names.map((name) => Buffer.from(name)) }]))[0] ?? []).map(
      (one) => one !== undefined,
    )

  it('lets rows go at their time plus what they are kept for, rounded up to the millisecond', async () => {
    await using store = await redisStore({ url: server.url })
    const now = BigInt(Date.now()) * 1000n
    await store.write('usage', [row('a', now), row('b', now + 1n)], { keepFor: HOUR })
    await store.write('usage', [row('forever', now)])
    await store.write('usage', [row('far', 2n ** 63n - 1n)], { keepFor: HOUR })
    const end = Number((now + HOUR) / 1000n)
    expect([await expiry('a'), await expiry('b'), await expiry('forever'), await expiry('far')]).toEqual([
      end,
      end + 1,
      -1,
      -1,
    ])
    // an older row changes nothing, a newer one has its own end
    await store.write('usage', [row('a', now - HOUR)], { keepFor: SECOND })
    expect(await expiry('a')).toBe(end)
    await store.write('usage', [row('a', now + SECOND)], { keepFor: HOUR })
    expect(await expiry('a')).toBe(end + 1000)
  })

  it('does not show or count rows whose time is over', async () => {
    await using store = await redisStore({ url: server.url })
    const now = BigInt(Date.now()) * 1000n
    await store.write('usage', [row('over', now - 2n * HOUR), row('ancient', -(2n ** 63n)), row('there', now)], {
      keepFor: HOUR,
    })
    expect(await found(store, 'over', 'ancient', 'there')).toEqual([false, false, true])
    expect(await store.count('usage')).toBe(1)
    await store.write('usage', [row('soon', now)], { keepFor: BigInt(Date.now()) * 1000n - now + SECOND / 2n })
    while ((await found(store, 'soon'))[0] === true) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await store.count('usage')).toBe(1)
  })

  it('keeps rows longer when asked', async () => {
    await using store = await redisStore({ url: server.url, keepLonger: 3n * HOUR })
    const now = BigInt(Date.now()) * 1000n
    await store.write('usage', [row('a', now - 2n * HOUR)], { keepFor: HOUR })
    expect(await found(store, 'a')).toEqual([true])
    expect(await expiry('a')).toBe(Number((now + 2n * HOUR) / 1000n))
  })

  it('asks for all views and keys before it waits for any', async () => {
    const events: string[] = []
    const client: RedisConnection = {
      async sendCommand(args, options) {
        events.push(`> ${String(args[0])}`)
        const reply = await raw.client.sendCommand(args, options)
        events.push('<')
        return reply
      },
    }
    await using store = await redisStore({ client })
    await Promise.all(['v1', 'v2', 'v3'].map((table) => store.write(table, [row('a', 1n)])))
    events.length = 0
    const keys = Array.from({ length: 1500 }, (_, index) => Buffer.from(String(index)))
    await store.read([
      { table: 'v1', keys },
      { table: 'v2', keys: [Buffer.from('a')] },
      { table: 'v3', keys: [Buffer.from('a')] },
      { table: 'v1', keys: [] },
    ])
    expect(events).toEqual(['> MGET', '> MGET', '> MGET', '> MGET', '<', '<', '<', '<'])
  })

  it('leaves a client that was passed open', async () => {
    const store = await redisStore({ client: raw.client })
    await store.write('usage', [row('a', 1n)])
    await store.close()
    expect(await raw.client.sendCommand(['PING'])).toBe('PONG')
  })

  it('shares a server with other prefixes, and refuses prefixes that would mix', async () => {
    await using one = await redisStore({ url: server.url, prefix: 'one:' })
    await using two = await redisStore({ url: server.url, prefix: 'two:' })
    await one.write('usage', [row('a', 1n)])
    await two.write('usage', [row('a', 2n), row('b', 2n)])
    await one.clear('usage')
    expect([await one.count('usage'), await two.count('usage')]).toEqual([0, 2])
    for (const prefix of ['a*', '{x}', 'a b', '[', 'x'.repeat(65)])
      await expect(redisStore({ url: server.url, prefix })).rejects.toMatchObject({ code: 'BAD_ONLINE_PREFIX' })
  })

  it('gives the memory of a cleared table back', async () => {
    await using store = await redisStore({ url: server.url })
    await store.write(
      'usage',
      Array.from({ length: 5000 }, (_, index) => row(String(index), 1n)),
    )
    await store.clear('usage')
    expect(await raw.client.sendCommand(['DBSIZE'])).toBe(1)
  })
})
