import { expect, test } from 'vitest'
import { post, serveEnergy } from '../support/serve.ts'

const fresh = { time: '2026-01-10T00:00:00Z', ageSeconds: 21_600 }
const yesterday = { time: '2026-01-09T00:00:00Z', ageSeconds: 108_000 }

const rowOfA = {
  keys: { customer_id: 'a' },
  values: {
    customer_usage__kwh_1d: 1.5,
    customer_usage__kwh_7d: 10.25,
    customer_usage__peak_7d: 4,
    customer_profile__tariff: 'night "A"',
    customer_profile__household: 3,
  },
  missing: {},
  times: { customer_usage: fresh, customer_profile: yesterday },
}

test('answers one row per key, in order, and distinguishes NULL_VALUE, OUTSIDE_MAX_AGE and NOT_FOUND', async () => {
  await using app = await serveEnergy()
  const response = await post(app, '/v1/features/next_day', {
    keys: ['a', 'b', 'c', 'd', 'nobody', 'a'].map((customer_id) => ({ customer_id })),
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual({
    service: 'next_day',
    rows: [
      rowOfA,
      {
        keys: { customer_id: 'b' },
        values: {
          customer_usage__kwh_1d: 2.5,
          customer_usage__kwh_7d: 20,
          customer_usage__peak_7d: null,
          customer_profile__tariff: null,
          customer_profile__household: 1,
        },
        missing: { customer_usage__peak_7d: 'NULL_VALUE', customer_profile__tariff: 'NULL_VALUE' },
        times: { customer_usage: fresh, customer_profile: yesterday },
      },
      {
        keys: { customer_id: 'c' },
        values: {
          customer_usage__kwh_1d: null,
          customer_usage__kwh_7d: null,
          customer_usage__peak_7d: null,
          customer_profile__tariff: 'flat',
          customer_profile__household: 2,
        },
        missing: {
          customer_usage__kwh_1d: 'OUTSIDE_MAX_AGE',
          customer_usage__kwh_7d: 'OUTSIDE_MAX_AGE',
          customer_usage__peak_7d: 'OUTSIDE_MAX_AGE',
        },
        times: { customer_usage: { time: '2026-01-06T00:00:00Z', ageSeconds: 367_200 }, customer_profile: yesterday },
      },
      {
        keys: { customer_id: 'd' },
        values: {
          customer_usage__kwh_1d: null,
          customer_usage__kwh_7d: null,
          customer_usage__peak_7d: null,
          customer_profile__tariff: 'flat',
          customer_profile__household: 5,
        },
        missing: {
          customer_usage__kwh_1d: 'NOT_FOUND',
          customer_usage__kwh_7d: 'NOT_FOUND',
          customer_usage__peak_7d: 'NOT_FOUND',
        },
        times: { customer_usage: null, customer_profile: { time: '2026-01-08T00:00:00Z', ageSeconds: 194_400 } },
      },
      {
        keys: { customer_id: 'nobody' },
        values: {
          customer_usage__kwh_1d: null,
          customer_usage__kwh_7d: null,
          customer_usage__peak_7d: null,
          customer_profile__tariff: null,
          customer_profile__household: null,
        },
        missing: {
          customer_usage__kwh_1d: 'NOT_FOUND',
          customer_usage__kwh_7d: 'NOT_FOUND',
          customer_usage__peak_7d: 'NOT_FOUND',
          customer_profile__tariff: 'NOT_FOUND',
          customer_profile__household: 'NOT_FOUND',
        },
        times: { customer_usage: null, customer_profile: null },
      },
      rowOfA,
    ],
  })
})

test('GET answers the same row for one key', async () => {
  await using app = await serveEnergy()
  const response = await app.request('/v1/features/next_day?customer_id=a')
  expect(await response.json()).toEqual({ service: 'next_day', rows: [rowOfA] })
})

test('a subset of features keeps the order and keys of the service', async () => {
  await using app = await serveEnergy()
  const body = { keys: [{ customer_id: 'a' }], features: ['customer_profile__household', 'customer_usage__kwh_7d'] }
  const row = {
    keys: { customer_id: 'a' },
    values: { customer_usage__kwh_7d: 10.25, customer_profile__household: 3 },
    missing: {},
    times: { customer_usage: fresh, customer_profile: yesterday },
  }
  expect(await (await post(app, '/v1/features/next_day', body)).json()).toEqual({ service: 'next_day', rows: [row] })
  const got = await app.request(
    '/v1/features/next_day?customer_id=a&features=customer_profile__household,customer_usage__kwh_7d',
  )
  expect(await got.json()).toEqual({ service: 'next_day', rows: [row] })
})

test('features of one entity of a service are read with the keys of the whole service', async () => {
  await using app = await serveEnergy()
  const keys = [{ meter_id: 7, customer_id: 'a' }]
  const whole = await post(app, '/v1/features/metered', { keys })
  expect(await whole.json()).toMatchObject({
    rows: [{ keys: keys[0], values: { meter_volts__volts_7d: 229.5, customer_usage__kwh_1d: 1.5 } }],
  })
  const part = await post(app, '/v1/features/metered', { keys, features: ['customer_usage__kwh_1d'] })
  expect(await part.json()).toMatchObject({ rows: [{ keys: keys[0], values: { customer_usage__kwh_1d: 1.5 } }] })
})

test('64-bit keys may be numbers or strings of digits', async () => {
  await using app = await serveEnergy()
  for (const meter_id of [7, '7']) {
    const answer = await (await post(app, '/v1/features/metered', { keys: [{ meter_id, customer_id: 'a' }] })).json()
    expect(answer).toMatchObject({ rows: [{ keys: { meter_id: 7 }, values: { meter_volts__volts_7d: 229.5 } }] })
  }
  const large = await post(app, '/v1/features/metered', {
    keys: [{ meter_id: '9223372036854775807', customer_id: 'a' }],
  })
  expect(await large.text()).toContain('"meter_id":9223372036854775807,')
})

test('the same app works mounted in another', async () => {
  const { Hono } = await import('hono')
  await using app = await serveEnergy()
  const outer = new Hono().get('/', (c) => c.text('home')).route('/ml', app)
  expect(await (await outer.request('/ml/v1/features/next_day?customer_id=a')).json()).toEqual({
    service: 'next_day',
    rows: [rowOfA],
  })
  expect((await outer.request('/ml/v1/features/nextday?customer_id=a')).status).toBe(404)
  expect((await outer.request('/ml/health/ready')).status).toBe(200)
})
