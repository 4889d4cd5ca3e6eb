import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import {
  entity,
  fact,
  featureService,
  featureView,
  onDemand,
  request,
  serviceKeys,
  serviceRequest,
  vectorFields,
} from '@martlet/feature-store'
import { serviceLineage } from '../../src/catalog/lineage.ts'
import { readServicePlan, planText } from '../../src/catalog/plan-json.ts'
import { refusal, untyped } from './invalid.ts'

const location = entity('location', { location_id: z.int() })
const lane = entity('lane', { site: z.string(), channel: z.int() })
const readings = fact('mart.weather', {
  columns: { location_id: z.int(), site: z.string(), channel: z.int(), ts: z.date(), temp: z.number() },
  entities: [location, lane],
  eventTime: 'ts',
})
const weather = featureView('weather', {
  of: location,
  from: readings,
  every: '1d',
  features: (f) => ({ temp: f.mean('temp').over('1d'), n: f.count().over('1d') }),
})
const traffic = featureView('traffic', {
  of: lane,
  from: readings,
  every: '1d',
  features: (f) => ({ n: f.count().over('1d') }),
})
const origin = weather.as('origin', { location_id: 'origin_id' })
const destination = weather.as('destination', { location_id: 'destination_id' })

describe('a view in a role', () => {
  test('is the same view under another name and by other columns', () => {
    expect(origin.name).toBe('origin')
    expect(origin.plan).toEqual(weather.plan)
    expect(origin.role).toEqual({ as: 'origin', keys: { location_id: 'origin_id' } })
    expect(weather.role).toEqual({})
  })

  test('stands in a service as often as it has roles', () => {
    const { plan } = featureService('trip', [
      origin,
      weather.pick('n_1d'),
      destination.pick('temp_1d').default({ temp_1d: 0 }),
    ])
    expect(vectorFields(plan).map(({ name, view, feature }) => [name, view, feature])).toEqual([
      ['origin__temp_1d', 'origin', 'temp_1d'],
      ['origin__n_1d', 'origin', 'n_1d'],
      ['weather__n_1d', 'weather', 'n_1d'],
      ['destination__temp_1d', 'destination', 'temp_1d'],
    ])
    expect(serviceKeys(plan).map(({ name }) => name)).toEqual(['origin_id', 'location_id', 'destination_id'])
    expect(readServicePlan(planText(plan), 'there')).toEqual(plan)
    // Each feature is read from the view, however often.
    expect(serviceLineage(plan).map(({ from_name }) => from_name)).toEqual(['weather.temp_1d', 'weather.n_1d'])
  })

  test('changes the hash of the service with its name and its columns', () => {
    const hashes = [
      weather,
      weather.as('o'),
      weather.as('o', { location_id: 'x' }),
      weather.as('o', { location_id: 'y' }),
    ].map((view) => featureService('s', [view]).plan.hash)
    expect(new Set(hashes).size).toBe(4)
    expect(featureService('s', [weather.as('weather')]).plan.hash).toBe(hashes[0])
  })

  test('may keep its name and other keys, and be given another role', () => {
    const near = traffic.as('traffic', { channel: 'near_channel' })
    expect(near.role).toEqual({ keys: { channel: 'near_channel' } })
    const far = near.as('far', { near_channel: 'far_channel' })
    expect(far.role).toEqual({ as: 'far', keys: { channel: 'far_channel' } })
    expect(far.as('traffic', { far_channel: 'channel' }).role).toEqual({})
    expect(serviceKeys(featureService('s', [near, far]).plan).map(({ name }) => name)).toEqual([
      'site',
      'near_channel',
      'far_channel',
    ])
  })

  test('is read on demand under its name', () => {
    const gap = onDemand('gap', {
      of: [origin.pick('temp_1d'), destination.pick('temp_1d')],
      request: request({ km: z.number() }),
      derive: (v, r) => ({ per_km: v.origin__temp_1d.sub(v.destination__temp_1d).div(r.km) }),
    })
    const { plan } = featureService('trip', [origin.pick('temp_1d'), gap])
    expect(plan.views).toMatchObject([
      { as: 'origin', keys: { location_id: 'origin_id' }, features: ['temp_1d'] },
      { as: 'destination', keys: { location_id: 'destination_id' }, features: [], inputs: ['temp_1d'] },
    ])
    expect(plan.onDemand?.[0]?.plan.inputs.map(({ name, view }) => [name, view])).toEqual([
      ['origin__temp_1d', 'origin'],
      ['destination__temp_1d', 'destination'],
    ])
    expect(serviceRequest(plan).map(({ name }) => name)).toEqual(['km'])
    expect(serviceLineage(plan)).toContainEqual({
      from_kind: 'feature',
      from_name: 'weather.temp_1d',
      to_kind: 'feature',
      to_name: 'gap.per_km',
      stated_by: 'service:trip',
    })
  })
})

describe('refused is', () => {
  const asked = request({ origin_id: z.int() })
  test.each([
    [
      'a key that the entity does not have',
      () => weather.as('origin', untyped({ place_id: 'origin_id' })),
      "view 'weather', role 'origin': entity 'location' has no key column 'place_id'; it has location_id",
    ],
    [
      'a column with two underscores in a row',
      () => weather.as('origin', { location_id: 'origin__id' }),
      "view 'weather', role 'origin', column 'location_id': key column 'origin__id' is not lower_snake: a letter first, " +
        'then lower-case letters, digits and single underscores',
    ],
    [
      'one column for two keys',
      () => traffic.as('far', { site: 'channel' }),
      "view 'traffic', role 'far': two key columns are named 'channel'",
    ],
    ['no name', () => weather.as(untyped(undefined)), "view 'weather': as() takes the name of the role, like 'origin'"],
    [
      'keys that are a text',
      () => weather.as('origin', untyped('origin_id')),
      "view 'weather', role 'origin': its keys must be an object of columns by key column, like { location_id: 'origin_id' }",
    ],
    [
      'two views of one name',
      () => featureService('s', [weather, traffic.as('weather')]),
      "service 's', view 'weather': the service has two views of this name; pick features once, or give one of them a role with as()",
    ],
    [
      'a role that is an on-demand feature',
      () =>
        featureService('s', [
          onDemand('origin', { of: [], request: request({ km: z.number() }), derive: (_, r) => ({ x: r.km.mul(2) }) }),
          origin,
        ]),
      "service 's', view 'origin': the service has a view and an on-demand feature of this name; rename one",
    ],
    [
      'a role of two types of key',
      () => featureService('s', [origin, traffic.as('t', { site: 'origin_id' })]),
      "service 's', view 't': key column 'origin_id' is text here and bigint in entity 'location'",
    ],
    [
      'a value of the request that is the key of a role',
      () =>
        onDemand('gap', { of: [origin], request: untyped(asked), derive: (v) => ({ x: v.origin__temp_1d.mul(2) }) }),
      "on-demand feature 'gap', view 'origin': the request has a value named like key column 'origin_id'; give the value another name",
    ],
    [
      'one role by two columns',
      () =>
        featureService('s', [
          weather.as('origin', { location_id: 'from_id' }),
          onDemand('gap', {
            of: [origin],
            request: request({ km: z.number() }),
            derive: (v, r) => ({ x: r.km.mul(v.origin__temp_1d) }),
          }),
        ]),
      "service 's', view 'origin': on-demand feature 'gap' reads another view of this name; rename one of them",
    ],
    [
      'a view over a role',
      () => featureView(untyped('over'), untyped({ of: location, from: origin, every: '1d', features: () => ({}) })),
      "view 'over': 'origin' is view 'weather' in a role, which only services have",
    ],
  ])('%s', (_, define, says) => {
    expect(refusal(define)).toBe(says)
  })
})
