import { readFile, stat } from 'node:fs/promises'
import { entity, featureView, precomputed } from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { exportFeast } from '../src/command/export-feast.ts'
import type { CommandContext } from '../src/command/run-command.ts'
import { feastEntities } from '../src/export/feast/entities.ts'
import { feastRegistry, type FeastRegistry } from '../src/export/feast/registry-file.ts'
import { emptyFolder } from './run-martlet.ts'

const guest = entity('guest', { guest_id: z.int() })
const hotel = entity('hotel', { hotel: z.string() })
const stay = entity('stay', { hotel: z.string(), guest_id: z.int(), room: z.string() })
const visitor = entity('room', { guest_id: z.string() })
const guests = featureView('guests', {
  of: guest,
  from: precomputed('mart.guests', {
    columns: { guest_id: z.int(), at: z.date(), size: z.number() },
    entity: guest,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ size: f.column('size') }),
})
const stays = featureView('stays', {
  of: stay,
  from: precomputed('mart.stays', {
    columns: { hotel: z.string(), guest_id: z.int(), room: z.string(), at: z.date(), size: z.number() },
    entity: stay,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ size: f.column('size') }),
})
const visitors = featureView('visitors', {
  of: visitor,
  from: precomputed('mart.visitors', {
    columns: { guest_id: z.string(), at: z.date(), size: z.number() },
    entity: visitor,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ size: f.column('size') }),
})
const hotels = featureView('hotels', {
  of: hotel,
  from: precomputed('mart.hotels', {
    columns: { hotel: z.string(), at: z.date(), size: z.number() },
    entity: hotel,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ size: f.column('size') }),
})

test('each key column is an entity, called as ours where it is the only key, and never as another', () => {
  const entities = feastEntities([stays.plan, guests.plan, visitors.plan, hotels.plan])
  expect(entities.all).toEqual([
    { name: 'guest', joinKey: 'guest_id', type: 'bigint' },
    { name: 'room', joinKey: 'guest_id', type: 'text' },
    { name: 'hotel', joinKey: 'hotel', type: 'text' },
    { name: 'room_2', joinKey: 'room', type: 'text' },
  ])
  expect(entities.of(stays.plan).map(({ name }) => name)).toEqual(['hotel', 'guest', 'room_2'])
  expect(entities.of(visitors.plan).map(({ name }) => name)).toEqual(['room'])
})

test('the same definitions give the same bytes, and others another version', () => {
  const state = { covered: null, pending: null, unpublishedFrom: null, publishedHash: null, publishedTime: null }
  const registryOf = (...plans: readonly (typeof guests.plan)[]): FeastRegistry => ({
    project: 'shop',
    views: plans.map((plan) => ({
      plan,
      state: { ...state, view: plan.name },
      description: null,
      owner: null,
      tags: [],
      appliedAt: '2026-01-10T00:00:00Z',
      hash: plan.hash,
    })),
    services: [],
    snowflake: undefined,
  })
  const version = (bytes: Uint8Array): string | undefined =>
    /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/.exec(Buffer.from(bytes).toString('latin1'))?.[0]
  const first = feastRegistry(registryOf(guests.plan))
  expect(feastRegistry(registryOf(guests.plan))).toEqual(first)
  const second = feastRegistry(registryOf(guests.plan, hotels.plan))
  expect(version(first)).toBeDefined()
  expect(version(second)).not.toBe(version(first))
})

test('martlet export feast writes a registry and five lines', async () => {
  await using project = await emptyFolder()
  expect((await project.martlet('init')).code).toBe(0)
  expect(await project.json(1, 'export', 'feast')).toMatchObject({ error: { code: 'NOTHING_APPLIED' } })
  await project.json(0, 'apply', '--yes')
  const answer = await project.json(0, 'export', 'feast', '--project', 'shop', '--url', 'https://features.example.com/')
  expect(answer).toMatchObject({
    project: 'shop',
    url: 'https://features.example.com',
    files: [project.path('feast', 'registry.db'), project.path('feast', 'feature_store.yaml')],
  })
  expect(await readFile(project.path('feast', 'feature_store.yaml'), 'utf8')).toBe(
    'project: shop\nprovider: local\nregistry: registry.db\nonline_store: {type: remote, path: "https://features.example.com"}\n' +
      'entity_key_serialization_version: 3\n',
  )
  const { size, mode } = await stat(project.path('feast', 'registry.db'))
  expect(size).toBeGreaterThan(500)
  expect(mode & 0o044).toBe(0o666 & ~process.umask() & 0o044)
})

test.each([[{ project: 'my shop' }], [{ url: 'features' }], [{ url: 'ftp://features' }]])(
  '%o is wrong usage',
  async (options) => {
    // They are refused before anything is asked of the project.
    await expect(exportFeast({} as CommandContext, options)).rejects.toMatchObject({ code: 'USAGE' })
  },
)
