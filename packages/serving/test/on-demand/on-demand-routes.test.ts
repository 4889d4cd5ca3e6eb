import { openMemoryStore } from '@martlet/feature-store'
import { expect, onTestFinished, test } from 'vitest'
import { createClient, fixedCatalog, serving, type ServingApp } from '../../src/index.ts'
import { now } from '../support/energy.ts'
import { post } from '../support/serve.ts'
import { publishZones, taxi, trips } from './taxi.ts'

const path = '/v1/features/trips'

async function serveTrips(): Promise<ServingApp> {
  const online = openMemoryStore()
  await publishZones(online)
  const app = serving({
    catalog: fixedCatalog({ services: [taxi.plan, trips.plan] }),
    online,
    auth: 'none',
    now: () => now,
    limits: { keyLength: 30 },
  })
  onTestFinished(() => app.close())
  return app
}

test('values are computed from features and the request, one object per key', async () => {
  const response = await post(await serveTrips(), path, {
    keys: [{ zone_id: 'a' }, { zone_id: 'b' }, { zone_id: 'nowhere' }],
    request: [
      { km: 10, seats: 3, promised_at: '2026-01-10T07:59:59.999999Z' },
      { km: 10, promised_at: null },
      { km: 0, seats: null },
    ],
  })
  expect(response.status).toBe(200)
  const { rows } = (await response.json()) as { rows: readonly Record<string, unknown>[] }
  expect(rows.map(({ values, missing }) => ({ values, missing }))).toEqual([
    {
      values: {
        zone_speed__kmh: 30,
        zone_speed__rides: 4,
        fare__minutes: 20,
        fare__seats: 3,
        fare__late: true,
      },
      missing: {},
    },
    {
      values: { zone_speed__kmh: null, zone_speed__rides: null, fare__minutes: null, fare__seats: 1, fare__late: null },
      missing: {
        zone_speed__kmh: 'OUTSIDE_MAX_AGE',
        zone_speed__rides: 'OUTSIDE_MAX_AGE',
        fare__minutes: 'NULL_VALUE',
        fare__late: 'NULL_VALUE',
      },
    },
    {
      values: { zone_speed__kmh: null, zone_speed__rides: null, fare__minutes: null, fare__seats: 1, fare__late: null },
      missing: {
        zone_speed__kmh: 'NOT_FOUND',
        zone_speed__rides: 'NOT_FOUND',
        fare__minutes: 'NULL_VALUE',
        fare__late: 'NULL_VALUE',
      },
    },
  ])
})

test('fields come in the order of the service, and some features alone need nothing else', async () => {
  const app = await serveTrips()
  const keys = [{ zone_id: 'a' }]
  const whole = await post(app, '/v1/features/taxi', { keys, request: [{ km: 5 }] })
  expect(await whole.text()).toContain('"values":{"fare__minutes":10,"fare__seats":1,"zone_speed__rides":4}')
  const stored = await post(app, '/v1/features/taxi', { keys, features: ['zone_speed__rides'] })
  expect(await stored.json()).toMatchObject({ rows: [{ values: { zone_speed__rides: 4 } }] })
  const computed = await post(app, '/v1/features/taxi', { keys, features: ['fare__seats'], request: [{ km: 5 }] })
  expect(await computed.text()).toContain('"values":{"fare__seats":1}')
})

test('one entity is read with values as query parameters', async () => {
  const app = await serveTrips()
  const response = await app.request(`${path}?zone_id=a&km=15&promised_at=2026-01-10T09:00:00Z`)
  expect(await response.json()).toMatchObject({
    rows: [{ values: { fare__minutes: 30, fare__late: false }, missing: {} }],
  })
  expect(await (await app.request(`${path}?zone_id=a`)).json()).toMatchObject({ code: 'REQUEST_MISSING', path: 'km' })
  expect(await (await app.request(`${path}?zone_id=a&km=x`)).json()).toMatchObject({
    code: 'REQUEST_INVALID',
    path: 'km',
  })
  expect(await (await app.request(`${path}?zone_id=a&km=1&km=2`)).json()).toMatchObject({ code: 'REQUEST_INVALID' })
  expect(await (await app.request(`${path}?zone_id=a&kn=1`)).json()).toMatchObject({ suggestion: 'km' })
})

const one = [{ zone_id: 'a' }]
test.each<[what: string, body: Record<string, unknown>, code: string, place: string, says: RegExp]>([
  ['no request', { keys: one }, 'REQUEST_MISSING', 'request', /Send "request": \[\{"km": …/],
  [
    'an object',
    { keys: one, request: { km: 1 } },
    'REQUEST_INVALID',
    'request',
    /must be an array of objects, not an object/,
  ],
  ['too few', { keys: one, request: [] }, 'REQUEST_INVALID', 'request', /has 0 entries, and keys has 1/],
  [
    'a number',
    { keys: one, request: [3] },
    'REQUEST_INVALID',
    'request[0]',
    /must be an object with km, seats, promised_at/,
  ],
  ['no km', { keys: one, request: [{}] }, 'REQUEST_MISSING', 'request[0].km', /Service trips needs km/],
  ['a text', { keys: one, request: [{ km: '3' }] }, 'REQUEST_INVALID', 'request[0].km', /must be a number, not "3"/],
  [
    'less than allowed',
    { keys: one, request: [{ km: -1 }] },
    'REQUEST_INVALID',
    'request[0].km',
    /a number of at least 0, not -1/,
  ],
  [
    'too many seats',
    { keys: one, request: [{ km: 1, seats: 9 }] },
    'REQUEST_INVALID',
    'request[0].seats',
    /at least 1 and of at most 8, not 9/,
  ],
  [
    'half a seat',
    { keys: one, request: [{ km: 1, seats: 1.5 }] },
    'REQUEST_INVALID',
    'request[0].seats',
    /a whole number of 64 bits/,
  ],
  [
    'no instant',
    { keys: one, request: [{ km: 1, promised_at: '2026-02-30' }] },
    'REQUEST_INVALID',
    'request[0].promised_at',
    /an instant such as/,
  ],
  [
    'a long text',
    { keys: one, request: [{ km: 1, promised_at: 'x'.repeat(31) }] },
    'REQUEST_INVALID',
    'request[0].promised_at',
    /at most 30 characters/,
  ],
  [
    'a misspelt value',
    { keys: one, request: [{ km: 1, seat: 2 }] },
    'REQUEST_UNKNOWN_VALUE',
    'request[0].seat',
    /takes km, seats, promised_at/,
  ],
])('%s is refused and its place named', async (_, body, code, place, says) => {
  const response = await post(await serveTrips(), path, body)
  expect(response.status).toBe(400)
  const problem = (await response.json()) as Record<string, unknown>
  expect(problem).toMatchObject({ code, path: place })
  expect(problem['detail']).toMatch(says)
})

test('the catalog lists what a request brings', async () => {
  const app = await serveTrips()
  expect(await (await app.request('/v1/catalog/services/taxi')).json()).toMatchObject({
    keys: [{ name: 'zone_id', type: 'text' }],
    request: [
      { name: 'km', type: 'double', nullable: false },
      { name: 'seats', type: 'bigint', nullable: true },
      { name: 'promised_at', type: 'timestamp', nullable: true },
    ],
    fields: [
      { name: 'fare__minutes', view: 'fare', nullable: true },
      { name: 'fare__seats', view: 'fare', nullable: false },
      { name: 'zone_speed__rides', view: 'zone_speed' },
    ],
  })
  expect(await (await app.request('/docs')).text()).toContain('&quot;request&quot;:[{&quot;km&quot;')
})

test('a client sends the values that the service declares', async () => {
  const app = await serveTrips()
  const client = createClient<typeof trips>({
    url: 'http://ml.test',
    service: 'trips',
    fetch: (url, init) => app.request(url.replace('http://ml.test', ''), init),
  })
  const [row] = await client.features([{ zone_id: 'a' }], {
    request: [{ km: 3, promised_at: new Date('2026-01-10T07:00:00Z') }],
  })
  const minutes: number | null | undefined = row?.values.fare__minutes
  expect([minutes, row?.values.fare__late]).toEqual([6, true])
})
