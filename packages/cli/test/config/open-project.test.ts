import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entity, fact, featureService, featureView } from '@martlet/feature-store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { checkConfig } from '../../src/config/check-config.ts'
import { defineConfig, openProject } from '../../src/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-project-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

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
const service = featureService('card', [view])
const places = {
  warehouse: { duckdb: 'a/w.duckdb' },
  catalog: { sqlite: 'b/c.sqlite' },
  online: { lmdb: 'c/online' },
  artifacts: { folder: 'd' },
}

it('opens the four places below the folder, and each of them once', async () => {
  const config = defineConfig({ ...places, definitions: { views: [view], services: [service] } })
  await using project = openProject(config, { folder })
  expect(project.paths).toMatchObject({
    warehouse: join(folder, 'a/w.duckdb'),
    catalog: join(folder, 'b/c.sqlite'),
    online: join(folder, 'c/online'),
    artifacts: join(folder, 'd'),
    reports: join(folder, 'reports'),
    log: null,
  })
  expect(await project.warehouse()).toBe(await project.warehouse())
  expect(await (await project.registry()).models()).toEqual([])
  expect(await (await project.online()).count('usage')).toBe(0)
  expect([...(await project.definitions()).views.keys()]).toEqual(['usage'])
})

it('finds definitions among exports, in lists and in records of lists, each once', async () => {
  await using project = openProject(
    defineConfig({
      ...places,
      definitions: () =>
        Promise.resolve({ view, made: { views: [view], services: [service] }, other: 7, list: [service] }),
    }),
    { folder },
  )
  const found = await project.definitions()
  expect(found.all.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['view usage', 'service card'])
})

it('refuses two different views of one name', async () => {
  const other = featureView('usage', {
    of: customer,
    from: usage,
    every: '1h',
    features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
  })
  await using project = openProject(defineConfig({ ...places, definitions: { views: [view, other] } }), { folder })
  await expect(project.definitions()).rejects.toMatchObject({ code: 'DEFINITION_CONFLICT' })
})

it.each([{ url: 'redis://localhost:6379' }, { urlFrom: 'REDIS_URL', prefix: 'shop:' }])(
  'a checked configuration may name a Redis server: %o',
  (redis) => {
    expect(() =>
      checkConfig(defineConfig({ ...places, online: { redis }, definitions: { views: [view] } }), 'here'),
    ).not.toThrow()
  },
)

it.each([{}, { url: 'redis://:hunter2@h', urlFrom: 'X' }, { url: 7 }, { url: 'redis://:hunter2@h', prefx: 'a' }])(
  'refuses a Redis server that is not named as it should be, without repeating it: %o',
  (redis) => {
    expect(() => checkConfig({ ...places, online: { redis }, definitions: { views: [view] } }, 'here')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(/^(?!.*hunter2)[^]*online/) }),
    )
  },
)

it('a checked configuration may say everything that its type has', () => {
  const config = defineConfig({
    ...places,
    warehouse: { duckdb: ':memory:', memoryLimit: '1GB', threads: 2 },
    definitions: { views: [view] },
    serving: {
      port: 0,
      host: '::1',
      auth: { keys: [{ name: 'app', sha256: 'ab', scopes: ['features:read'], services: ['*'] }] },
      limits: { keysPerRequest: 10 },
      isolation: 'always',
      inference: { threads: 'auto', threadFromMs: 0.3, batching: { waitMs: 0, rows: 64 } },
      log: { folder: 'log', sample: 0.5 },
    },
    quality: { severity: { 'mart.usage.kwh.range': 'off' }, staleAfter: 2, redact: true },
    monitors: [
      {
        name: 'm',
        table: 'mart.t',
        time: 'ts',
        columns: ['a'],
        ignore: ['b'],
        window: '1d',
        windows: 3,
        policy: { minimumRows: 10 },
        profile: 'p',
      },
    ],
    trainingSets: [
      {
        name: 't',
        service: 'card',
        labels: ['l'],
        spine: 's.sql',
        time: 'ts',
        asOf: '2026-01-01',
        from: 'materialized',
        into: 'training.x',
      },
    ],
    reports: 'r',
  })
  expect(() => checkConfig(config, 'here')).not.toThrow()
})

it.each([
  [{ threads: 'many' }, 'serving.inference.threads'],
  [{ batching: { rows: '64' } }, 'serving.inference.batching'],
  [{ thread: 1 }, 'serving.inference'],
])('refuses inference as %j', (inference, says) => {
  const config = { ...places, definitions: { views: [view] }, serving: { auth: 'none', inference } }
  expect(() => checkConfig(config, 'here')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(says) }),
  )
})
