import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { OnlineRow, OnlineStore } from '../../src/online/online-store.ts'
import { parseRedisUrl } from '../../src/online/redis/redis-url.ts'
import { redisStore } from '../../src/redis.ts'
import { rawClient } from './raw-redis.ts'
import { hasRedis, startRedis, type RedisProcess } from './redis-process.ts'

const key = Uint8Array.of(1)
const row = (time: bigint, size = 1): OnlineRow => ({ key, time, value: new Uint8Array(size) })
const timeOf = async (store: OnlineStore): Promise<bigint | undefined> =>
  (await store.read([{ table: 'usage', keys: [key] }]))[0]?.[0]?.time
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Repeats what fails until it works, as a caller would. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

describe('the URL of a Redis store', () => {
  it('gives host, port, database, user and password', () => {
    expect(parseRedisUrl('redis://localhost')).toEqual({
      host: 'localhost',
      port: 6379,
      tls: false,
      database: 0,
      label: 'redis://localhost:6379/0',
    })
    expect(parseRedisUrl('rediss://me:a%40b%2Fc@[::1]:7000/3')).toEqual({
      host: '::1',
      port: 7000,
      tls: true,
      username: 'me',
      password: 'a@b/c',
      database: 3,
      label: 'rediss://[::1]:7000/3',
    })
    expect(parseRedisUrl('redis://:pw@h')).toMatchObject({ password: 'pw', host: 'h' })
  })

  it.each([
    '',
    'hunter2',
    'http://:hunter2@h',
    'redis://:hunter2@',
    'redis://:hunter2@h:x',
    'redis://:hunter2@h/a',
    'redis://:hunter2%@h',
    'redis://:hunter2@h?x=1',
    'redis://:hunter2@h:99999',
  ])('is refused without being repeated: %s', async (url) => {
    const error = await failure(redisStore({ url }))
    expect(error).toMatchObject({ code: 'BAD_ONLINE_URL' })
    expect(inspect(error, { depth: 10 }).replaceAll(/^ +at .*$/gm, '')).not.toContain('hunter2')
  })
})

describe.skipIf(!hasRedis)('a Redis store', () => {
  const servers: RedisProcess[] = []
  const server = async (...settings: string[]): Promise<RedisProcess> => {
    const started = await startRedis(settings)
    servers.push(started)
    return started
  }
  afterEach(async () => {
    for (const one of servers.splice(0)) {
      one.signal('SIGCONT')
      await one.remove()
    }
  })

  it('says where it could not connect', async () => {
    const { port, stop } = await server()
    await stop()
    const error = await failure(redisStore({ url: `redis://me:hunter2@127.0.0.1:${port}` }))
    expect(error).toMatchObject({
      code: 'ONLINE_STORE_OPEN_FAILED',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
  })

  it('tells a wrong and a missing password from a right one, and repeats none', async () => {
    const { port } = await server('--requirepass', 'correct-horse')
    for (const login of ['', ':hunter2@', 'nobody:hunter2@']) {
      const error = await failure(redisStore({ url: `redis://${login}127.0.0.1:${port}` }))
      expect(error).toMatchObject({
        code: 'ONLINE_STORE_OPEN_FAILED',
        message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}.*Check the user and the password`)),
      })
      expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
    }
    await using store = await redisStore({ url: `redis://:correct-horse@127.0.0.1:${port}` })
    expect(await store.write('usage', [row(1n)])).toBe(1)
  })

  it('fails by name while the server is gone, and works again when it is back, with the script that the server forgot', async () => {
    const redis = await server()
    await using store = await redisStore({ url: redis.url })
    await store.write('usage', [row(1n)])
    await redis.stop('save')
    expect(await failure(timeOf(store))).toMatchObject({
      code: 'ONLINE_READ_FAILED',
      message: expect.stringContaining(`127.0.0.1:${redis.port}`),
    })
    expect(await failure(store.write('usage', [row(2n)]))).toMatchObject({
      code: 'ONLINE_WRITE_FAILED',
      message: expect.stringContaining(`127.0.0.1:${redis.port}`),
    })
    expect(await failure(store.clear('usage'))).toMatchObject({ code: 'ONLINE_WRITE_FAILED' })
    expect(await failure(Promise.resolve(store.count('usage')))).toMatchObject({ code: 'ONLINE_READ_FAILED' })
    await redis.start()
    expect(await eventually(() => timeOf(store))).toBe(1n)
    expect(await store.write('usage', [row(2n)])).toBe(1)
  })

  it('ends a write that is under way when the server dies, and takes it again afterwards', async () => {
    const redis = await server()
    await using store = await redisStore({ url: redis.url })
    const rows = Array.from({ length: 200_000 }, (_, index) => ({
      key: Buffer.from(String(index)),
      time: 1n,
      value: key,
    }))
    const writing = failure(store.write('usage', rows))
    await eventually(async () => {
      if ((await store.count('usage')) === 0) throw new Error('not yet')
    })
    await redis.stop('crash')
    expect(await writing).toMatchObject({ code: 'ONLINE_WRITE_FAILED' })
    await redis.start()
    expect(await eventually(() => store.write('usage', rows))).toBe(rows.length)
    expect(await store.count('usage')).toBe(rows.length)
  })

  it('gives up on a server that does not answer, and works again when it does', async () => {
    const redis = await server()
    await using store = await redisStore({ url: redis.url, timeoutMs: 200 })
    await store.write('usage', [row(1n)])
    redis.signal('SIGSTOP')
    expect(await failure(timeOf(store))).toMatchObject({
      code: 'ONLINE_READ_FAILED',
      message: expect.stringContaining('no answer within 200 ms'),
    })
    expect(await failure(redisStore({ url: redis.url, timeoutMs: 200 }))).toMatchObject({
      code: 'ONLINE_STORE_OPEN_FAILED',
    })
    redis.signal('SIGCONT')
    expect(await eventually(() => timeOf(store))).toBe(1n)
  })

  it('closes while the server does not answer', async () => {
    const redis = await server()
    const store = await redisStore({ url: redis.url, timeoutMs: 1000 })
    redis.signal('SIGSTOP')
    const writing = failure(store.write('usage', [row(1n)]))
    await store.close()
    expect(await writing).toMatchObject({ code: 'ONLINE_WRITE_FAILED' })
  })

  it('refuses writes to a replica and reads from it', async () => {
    const primary = await server()
    await using origin = await redisStore({ url: primary.url })
    await origin.write('usage', [row(1n)])
    const replica = await server('--replicaof', '127.0.0.1', String(primary.port))
    await using store = await redisStore({ url: replica.url })
    expect(
      await eventually(async () => {
        const time = await timeOf(store)
        if (time === undefined) throw new Error('not yet replicated')
        return time
      }),
    ).toBe(1n)
    expect(await failure(store.write('usage', [row(2n)]))).toMatchObject({
      code: 'ONLINE_WRITE_FAILED',
      message: expect.stringContaining('It is a replica; name the primary'),
    })
    expect(await failure(store.clear('usage'))).toMatchObject({ code: 'ONLINE_WRITE_FAILED' })
  })

  it('says when the server is out of memory, and goes on reading', async () => {
    const redis = await server('--maxmemory', '4mb', '--maxmemory-policy', 'noeviction')
    await using store = await redisStore({ url: redis.url })
    await store.write('usage', [row(1n)])
    const large = Array.from({ length: 8 }, (_, index) => ({
      key: Uint8Array.of(9, index),
      time: 1n,
      value: new Uint8Array(1 << 20),
    }))
    expect(await failure(store.write('usage', large))).toMatchObject({
      code: 'ONLINE_WRITE_FAILED',
      message: expect.stringContaining('out of memory; raise maxmemory'),
    })
    expect(await timeOf(store)).toBe(1n)
  })

  it('names a key that something else wrote', async () => {
    const redis = await server()
    await using admin = await rawClient(redis.url)
    await admin.client.sendCommand(['SET', Buffer.from('martlet:{usage}:0:\u0001'), 'short'])
    await using store = await redisStore({ url: redis.url })
    expect(await failure(timeOf(store))).toMatchObject({
      code: 'ONLINE_READ_FAILED',
      message: expect.stringContaining('something that the store did not write'),
    })
  })
})
