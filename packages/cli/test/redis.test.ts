import { entity, fact, featureView } from '@martlet/feature-store'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { checkPlaces } from '../src/doctor/places.ts'
import type { RedisConfig } from '../src/index.ts'
import { openProject, type Project } from '../src/index.ts'
import { hasRedis, startRedis } from './redis-process.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-project-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})
const projectOn = (redis: RedisConfig): Project =>
  openProject(
    {
      warehouse: { duckdb: ':memory:' },
      catalog: { sqlite: 'c.sqlite' },
      online: { redis },
      artifacts: { folder: 'a' },
      definitions: { views: [view] },
    },
    { folder },
  )

it('says which environment variable with the URL is missing', async () => {
  vi.stubEnv('MARTLET_TEST_REDIS', '')
  await using project = projectOn({ urlFrom: 'MARTLET_TEST_REDIS' })
  await expect(project.online()).rejects.toMatchObject({
    code: 'ONLINE_URL_MISSING',
    message: expect.stringContaining('MARTLET_TEST_REDIS'),
  })
})

describe.skipIf(!hasRedis)('a project whose online store is on a Redis server', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    server = await startRedis('hunter2')
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('opens it by the URL or by the variable that holds it, under its prefix', async () => {
    const url = `redis://:hunter2@127.0.0.1:${server.port}`
    vi.stubEnv('MARTLET_TEST_REDIS', url)
    await using first = projectOn({ urlFrom: 'MARTLET_TEST_REDIS', prefix: 'shop:' })
    await (await first.online()).write('usage', [{ key: new Uint8Array(), time: 1n, value: new Uint8Array() }])
    await using second = projectOn({ url, prefix: 'shop:' })
    await using third = projectOn({ url })
    expect([await (await second.online()).count('usage'), await (await third.online()).count('usage')]).toEqual([1, 0])
  })

  it('is looked at by doctor, who repeats no password', async () => {
    const online = async (password: string): Promise<unknown> => {
      await using project = projectOn({ url: `redis://:${password}@127.0.0.1:${server.port}/0` })
      return (await checkPlaces(project)).find(({ name }) => name === 'online')
    }
    expect(await online('hunter2')).toEqual({
      name: 'online',
      state: 'ok',
      found: `redis://127.0.0.1:${server.port}/0 answers`,
    })
    const wrong = await online('hunter3')
    expect(wrong).toMatchObject({
      state: 'fail',
      found: expect.stringContaining(`127.0.0.1:${server.port}`),
      fix: 'Check that the server is up, and online.redis.url.',
    })
    expect(JSON.stringify(wrong)).not.toContain('hunter3')
  })
})
