import { decimal, entity, featureService, featureView, openMemoryStore, precomputed } from '@martlet/feature-store'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { drawsOf } from '../../../warehouse/test/support/property.ts'
import { fixedCatalog, serving } from '../../src/index.ts'
import { post } from '../support/serve.ts'

/** One service per type of key. */
const types = {
  text: z.string(),
  integer: z.int32(),
  bigint: z.int(),
  double: z.number(),
  boolean: z.boolean(),
  timestamp: z.date(),
  date: z.iso.date(),
  decimal: decimal(20, 2),
}

const services = Object.entries(types).map(([name, type]) => {
  const thing = entity(`of_${name}`, { id: type })
  const rows = precomputed(`mart.${name}`, {
    columns: { id: type, at: z.date(), size: z.number() },
    entity: thing,
    time: 'at',
  })
  return featureService(`by_${name}`, [
    featureView(`view_${name}`, { of: thing, from: rows, every: '1d', features: (f) => ({ size: f.column('size') }) }),
  ])
})

const two = (value: number): string => String(value).padStart(2, '0')
const dates = fc
  .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }))
  .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`)
const times = fc
  .tuple(
    dates,
    fc.integer({ min: 0, max: 25 }),
    fc.integer({ min: 0, max: 61 }),
    fc.integer({ min: 0, max: 61 }),
    fc.constantFrom('', '.5', '.123456', '.1234567'),
  )
  .map(([date, hour, minute, second, rest]) => `${date}T${two(hour)}:${two(minute)}:${two(second)}${rest}Z`)
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  dates,
  times,
  fc.constantFrom(
    '2026-02-30',
    '2024-02-29',
    '2026-02-29',
    '2026-01-31T24:00:00Z',
    '2026-06-30T23:59:60Z',
    '0000-01-01',
    '-0',
    -0,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    '9223372036854775807',
    '-9223372036854775808',
    '9223372036854775808',
    5e-324,
    1.7e308,
    '',
    '\0',
    '\ud800',
  ),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
)

test('a key of any type is read, or refused as a mistake of the caller, never of the server', async () => {
  const failures: unknown[] = []
  const app = serving({
    catalog: fixedCatalog({ services: services.map(({ plan }) => plan) }),
    online: openMemoryStore(),
    auth: 'none',
    onError: ({ error }) => failures.push(error),
  })
  await app.start()
  const draws = drawsOf(1500)
  let answered = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(types)), values, async (type, id) => {
      const response = await post(app, `/v1/features/by_${type}`, { keys: [{ id }] })
      if (response.status === 200) answered++
      else
        expect([type, id, await response.json()]).toMatchObject([
          type,
          id,
          { status: 400, code: 'KEY_INVALID', path: 'keys[0].id' },
        ])
      const columns = await post(app, '/get-online-features', {
        entities: { id: [id] },
        features: [`view_${type}:size`],
      })
      if (columns.status !== 200)
        expect([type, id, columns.status, await columns.text()]).toEqual([
          type,
          id,
          422,
          expect.stringContaining('entities.id[0] must be'),
        ])
      const query = await app.request(
        `/v1/features/by_${type}?id=${encodeURIComponent(typeof id === 'string' && id.isWellFormed() ? id : JSON.stringify(id))}`,
      )
      expect([type, id, query.status === 200 || query.status === 400]).toEqual([type, id, true])
    }),
    { numRuns: draws },
  )
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(draws < 1500 ? 0 : 100)
  await app.close()
})

test('days that do not exist and times without a zone are refused with their place, by row and by column', async () => {
  const app = serving({
    catalog: fixedCatalog({ services: services.map(({ plan }) => plan) }),
    online: openMemoryStore(),
    auth: 'none',
  })
  const bad = [
    ['date', '2026-02-30'],
    ['date', '2026-02-29'],
    ['date', '2026-13-01'],
    ['date', '2026-1-1'],
    ['timestamp', '2026-02-30T00:00:00Z'],
    ['timestamp', '2026-01-31T09:30:00'],
    ['timestamp', '2026-01-31 09:30:00'],
    ['timestamp', '2026-01-31T24:00:00Z'],
    ['timestamp', '2026-06-30T23:59:60Z'],
    ['timestamp', '2026-06-30T23:60:00Z'],
  ] as const
  for (const [type, id] of bad) {
    const row = await post(app, `/v1/features/by_${type}`, { keys: [{ id }] })
    expect([id, row.status, await row.json()]).toMatchObject([id, 400, { path: 'keys[0].id' }])
    const query = await app.request(`/v1/features/by_${type}?id=${encodeURIComponent(id)}`)
    expect([id, query.status, await query.json()]).toMatchObject([id, 400, { path: 'id' }])
    const column = await post(app, '/get-online-features', { entities: { id: [id] }, feature_service: `by_${type}` })
    expect([id, column.status, await column.text()]).toEqual([
      id,
      422,
      expect.stringContaining('entities.id[0] must be'),
    ])
  }
  await app.close()
})

test.each([
  ['date', '2024-02-29', 200],
  ['date', '2026-02-30', 400],
  ['date', '2026-02-29', 400],
  ['timestamp', '2026-01-31T09:30:00.123456Z', 200],
  ['timestamp', '2026-02-30T09:30:00Z', 400],
  ['timestamp', '2026-01-31T24:00:00Z', 400],
  ['decimal', '9007199254740993', 200],
  ['decimal', '9007199254740993.07', 200],
  ['decimal', 12.5, 200],
  ['decimal', 2 ** 53, 400],
  ['decimal', '12.345', 400],
  ['decimal', '1e3', 400],
])('a %s key %s is answered %i', async (type, id, status) => {
  const app = serving({
    catalog: fixedCatalog({ services: services.map(({ plan }) => plan) }),
    online: openMemoryStore(),
    auth: 'none',
  })
  expect((await post(app, `/v1/features/by_${type}`, { keys: [{ id }] })).status).toBe(status)
  await app.close()
})
