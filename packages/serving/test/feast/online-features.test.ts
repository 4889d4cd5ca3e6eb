import { openMemoryStore } from '@martlet/feature-store'
import { beforeAll, describe, expect, test } from 'vitest'
import { fixedCatalog, hashApiKey, serving, type ServingApp } from '../../src/index.ts'
import { metered, nextDay, now, publishEnergy, usageOnly } from '../support/energy.ts'
import { post, serveEnergy } from '../support/serve.ts'
import { columnsOf, refusalOf } from './answers.ts'

const path = '/get-online-features'
const epoch = '1970-01-01T00:00:00Z'
const ninth = '2026-01-09T00:00:00Z'
const usageTimes = `2026-01-10T00:00:00Z 2026-01-10T00:00:00Z 2026-01-06T00:00:00Z ${epoch}`
const usageStatuses = (second: string): string => `PRESENT ${second} OUTSIDE_MAX_AGE NOT_FOUND`
const profileStatuses = 'PRESENT NULL_VALUE PRESENT NOT_FOUND'
const texts = (words: string): string => JSON.stringify(words.split(' '))
/** A column as it is sent. */
const column = (values: string, statuses: string, times: string): string =>
  `{"values":${values},"statuses":${texts(statuses)},"event_timestamps":${texts(times)}}`

let app: ServingApp
beforeAll(async () => {
  app = await serveEnergy()
})

describe('features of views', () => {
  test('come by column, keys first, in the order they are asked for', async () => {
    const response = await post(app, path, {
      entities: { customer_id: ['a', 'b', 'c', 'x'], whatever: [1] },
      features: [
        'customer_profile:household',
        'customer_usage:peak_7d',
        'customer_profile:tariff',
        'customer_usage:kwh_7d',
      ],
      full_feature_names: false,
      include_feature_view_version_metadata: false,
      of_a_later_client: { anything: true },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(
      '{"metadata":{"feature_names":["customer_id","household","peak_7d","tariff","kwh_7d"]},"results":[' +
        [
          column('["a","b","c","x"]', 'PRESENT PRESENT PRESENT PRESENT', `${epoch} ${epoch} ${epoch} ${epoch}`),
          column('[3,1,2,null]', 'PRESENT PRESENT PRESENT NOT_FOUND', `${ninth} ${ninth} ${ninth} ${epoch}`),
          column('[4.0,null,null,null]', usageStatuses('NULL_VALUE'), usageTimes),
          column('["night \\"A\\"",null,"flat",null]', profileStatuses, `${ninth} ${ninth} ${ninth} ${epoch}`),
          column('[10.25,20.0,null,null]', usageStatuses('PRESENT'), usageTimes),
        ].join(',') +
        ']}',
    )
  })

  test('have the name of their view before them when that is asked for', async () => {
    const body = { entities: { customer_id: ['a'] }, features: ['customer_usage:kwh_7d'], full_feature_names: true }
    const columns = await columnsOf(await post(app, path, body))
    expect(Object.keys(columns)).toEqual(['customer_id', 'customer_usage__kwh_7d'])
  })

  test('of several entities need the keys of all of them', async () => {
    const features = ['meter_volts:volts_7d', 'customer_usage:kwh_1d']
    const entities = { meter_id: [7, 8], customer_id: ['a', 'b'] }
    const columns = await columnsOf(await post(app, path, { entities, features }))
    expect(columns).toMatchObject({
      meter_id: { values: [7, 8] },
      customer_id: { values: ['a', 'b'] },
      volts_7d: { values: [229.5, null], statuses: ['PRESENT', 'NOT_FOUND'] },
      kwh_1d: { values: [1.5, 2.5] },
    })
  })

  test('are read again without being prepared again, and counted', async () => {
    await using fresh = await serveEnergy({ limits: { preparedSubsets: 1 } })
    const ask = (feature: string) =>
      post(fresh, path, { entities: { customer_id: ['a', 'x'] }, features: [`customer_usage:${feature}`] })
    for (const feature of ['kwh_1d', 'kwh_7d', 'kwh_1d', 'kwh_1d']) expect((await ask(feature)).status).toBe(200)
    const metrics = await (await fresh.request('/metrics')).text()
    expect(metrics).toContain('martlet_feature_rows_total{service="ad-hoc"} 8')
    expect(metrics).toMatch(/martlet_feature_status_total\{view="customer_usage",status="NOT_FOUND"\} 4/)
  })
})

describe('a feature service', () => {
  test('has the order and the values of its own route, and goes before features', async () => {
    const entities = { customer_id: ['a', 'd'] }
    const columns = await columnsOf(
      await post(app, path, {
        entities,
        feature_service: nextDay.plan.name,
        features: ['no:matter'],
        full_feature_names: true,
      }),
    )
    const own = (await (
      await post(app, '/v1/features/next_day', { keys: [{ customer_id: 'a' }, { customer_id: 'd' }] })
    ).json()) as {
      readonly rows: readonly { readonly values: object }[]
    }
    const { customer_id: _, ...features } = columns
    expect(Object.keys(features)).toEqual(Object.keys(own.rows[0]?.values ?? {}))
    for (const row of [0, 1])
      expect(Object.fromEntries(Object.entries(features).map(([name, { values }]) => [name, values[row]]))).toEqual(
        own.rows[row]?.values,
      )
  })

  test('with more values than one step is the same as without', async () => {
    const ids = Array.from({ length: 900 }, (_, index) => ['a', 'b', 'c', 'd', `x${index}`][index % 5])
    const body = { entities: { meter_id: ids.map(() => 7), customer_id: ids }, feature_service: metered.plan.name }
    await using slow = await serveEnergy({ limits: { valuesPerRequest: 1_000_000 } })
    const whole = await columnsOf(await post(slow, path, body))
    const alone = await Promise.all(
      ['a', 'b', 'c', 'd', 'x4'].map(async (id) =>
        columnsOf(await post(app, path, { ...body, entities: { meter_id: [7], customer_id: [id] } })),
      ),
    )
    for (const [name, { values, statuses, event_timestamps: times }] of Object.entries(whole).slice(2)) {
      expect(values.slice(0, 5)).toEqual(alone.map((one) => one[name]?.values[0]))
      expect(statuses.slice(0, 5)).toEqual(alone.map((one) => one[name]?.statuses[0]))
      expect(times.slice(0, 5)).toEqual(alone.map((one) => one[name]?.event_timestamps[0]))
      expect([values.length, statuses.length, times.length]).toEqual([900, 900, 900])
    }
  })
})

describe('refusals are errors of Feast', () => {
  const entities = { customer_id: ['a'] }
  const features = ['customer_usage:kwh_7d']
  test.each<[string, unknown, number, string, string]>([
    [
      'an unknown view',
      { entities, features: ['customer_usge:kwh_7d'] },
      404,
      'FeatureViewNotFoundException',
      'Did you mean customer_usage?',
    ],
    [
      'an unknown feature',
      { entities, features: ['customer_usage:kwh_8d'] },
      422,
      'FeastError',
      'features[0]: view customer_usage has no feature "kwh_8d".',
    ],
    [
      'an unknown service',
      { entities, feature_service: 'nxt_day' },
      404,
      'FeatureServiceNotFoundException',
      'There is no service "nxt_day".',
    ],
    [
      'a version',
      { entities, features: ['customer_usage@v2:kwh_7d'] },
      404,
      'FeatureViewVersionNotFound',
      'version "v2"',
    ],
    [
      'a reference without a colon',
      { entities, features: ['kwh_7d'] },
      422,
      'FeastError',
      'features[0] must be view:feature',
    ],
    ['no features', { entities, features: [] }, 422, 'FeastError', 'features is empty'],
    ['neither features nor a service', { entities }, 422, 'FeastError', 'Or name a feature_service'],
    [
      'one feature twice',
      { entities, features: [...features, ...features] },
      422,
      'FeatureNameCollisionError',
      'features[1] repeats',
    ],
    ['no entities', { features }, 422, 'FeastError', 'entities must be an object of arrays, not undefined'],
    [
      'a missing key',
      { entities: { customer: ['a'] }, features },
      422,
      'FeastError',
      'entities.customer_id is missing',
    ],
    [
      'a part of the keys',
      { entities: { meter_id: [7] }, features: ['meter_volts:volts_7d'] },
      422,
      'FeastError',
      'entities.customer_id is missing',
    ],
    [
      'ragged columns',
      { entities: { meter_id: [7, 8], customer_id: ['a'] }, features: ['meter_volts:volts_7d'] },
      422,
      'FeastError',
      'entities.customer_id has 1 values, and entities.meter_id has 2',
    ],
    [
      'a column that is no array',
      { entities: { customer_id: 'a' }, features },
      422,
      'FeastError',
      'entities.customer_id must be an array, not "a"',
    ],
    [
      'a null key',
      { entities: { customer_id: ['a', null] }, features },
      422,
      'FeastError',
      'entities.customer_id[1] must be a string, not null',
    ],
    ['no entity at all', { entities: { customer_id: [] }, features }, 422, 'FeastError', 'Name at least one entity'],
    [
      'a name that is no boolean',
      { entities, features, full_feature_names: 'yes' },
      422,
      'FeastError',
      'full_feature_names must be true or false',
    ],
    ['a body that is not JSON', '{"entities": NaN}', 422, 'FeastError', 'The body is not JSON'],
  ])('%s', async (_, body, status, name, message) => {
    const response = await post(app, path, body)
    expect(response.status).toBe(status)
    const refusal = await refusalOf(response)
    expect(refusal).toMatchObject({ module: 'feast.errors', class: name })
    expect(refusal.message).toContain(message)
  })

  test('too many keys and too many values', async () => {
    await using small = await serveEnergy({ limits: { keysPerRequest: 2, valuesPerRequest: 3 } })
    const ask = (ids: readonly string[], feature_service = usageOnly.plan.name) =>
      post(small, path, { entities: { customer_id: ids }, feature_service })
    expect((await ask(['a'])).status).toBe(200)
    for (const ids of [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      const response = await ask(ids)
      expect(response.status).toBe(413)
      expect((await refusalOf(response)).class).toBe('FeastError')
    }
  })
})

describe('a key that is restricted to some services', () => {
  async function restricted(): Promise<ServingApp> {
    const online = openMemoryStore()
    await publishEnergy(online)
    return serving({
      catalog: fixedCatalog({ services: [nextDay.plan, metered.plan] }),
      online,
      now: () => now,
      auth: {
        keys: [{ name: 'narrow', sha256: hashApiKey('narrow'), scopes: ['features:read'], services: ['next_day'] }],
      },
    })
  }
  const headers = { authorization: 'Bearer narrow' }
  const entities = { customer_id: ['a'], meter_id: [7] }

  test('reads their features across views', async () => {
    await using server = await restricted()
    const features = ['customer_usage:kwh_7d', 'customer_profile:tariff']
    expect((await post(server, path, { entities, features }, headers)).status).toBe(200)
  })

  test('does not read others, by view or by service', async () => {
    await using server = await restricted()
    const view = await post(server, path, { entities, features: ['meter_volts:volts_7d'] }, headers)
    expect([view.status, (await refusalOf(view)).class]).toEqual([404, 'FeatureViewNotFoundException'])
    const service = await post(server, path, { entities, feature_service: 'metered' }, headers)
    expect([service.status, (await refusalOf(service)).class]).toEqual([403, 'FeastPermissionError'])
    const nobody = await post(server, path, { entities, feature_service: 'next_day' })
    expect([nobody.status, (await refusalOf(nobody)).class]).toEqual([401, 'FeastPermissionError'])
  })
})

test('health is 200 without a body', async () => {
  const response = await app.request('/health')
  expect([response.status, await response.text()]).toEqual([200, ''])
})

describe('writes are refused in a sentence', () => {
  test.each<[string, unknown, number, string, string]>([
    [
      '/push',
      { push_source_name: 'stream', df: {} },
      422,
      'PushSourceNotFoundException',
      'Unable to find push source "stream".',
    ],
    [
      '/push',
      { push_source_name: 'customer_usage', df: {} },
      422,
      'PushSourceNotFoundException',
      'is materialized from the warehouse',
    ],
    ['/push', { df: {} }, 422, 'FeastError', 'push_source_name must be a string, not undefined'],
    [
      '/write-to-online-store',
      { feature_view_name: 'customer_usage', df: {} },
      422,
      'FeastError',
      'View customer_usage is materialized from the warehouse',
    ],
    [
      '/write-to-online-store',
      { feature_view_name: 'x', df: {} },
      404,
      'FeatureViewNotFoundException',
      'There is no view "x"',
    ],
  ])('%s %o', async (route, body, status, name, message) => {
    const response = await post(app, route, body)
    expect(response.status).toBe(status)
    const refusal = await refusalOf(response)
    expect(refusal.class).toBe(name)
    expect(refusal.message).toContain(message)
  })
})
