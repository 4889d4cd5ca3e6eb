import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import {
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  serviceKeys,
  vectorFields,
  viewsRead,
} from '@martlet/feature-store'
import { serviceDifference } from '../../src/catalog/difference.ts'
import { serviceLineage } from '../../src/catalog/lineage.ts'
import { planText, readServicePlan } from '../../src/catalog/plan-json.ts'
import { refusal, untyped } from './invalid.ts'

const customer = entity('customer', { customer_id: z.string() })
const area = entity('area', { region: z.string() })
const cell = entity('cell', { region: z.string(), no: z.int() })
const customers = dimension('mart.customers', {
  columns: { customer_id: z.string(), region: z.string(), no: z.int(), share: z.number(), since: z.date() },
  entity: customer,
  validFrom: 'since',
})
const columns = { region: z.string(), no: z.int(), ts: z.date(), temp: z.number() }
const readings = fact('mart.weather', { columns, entities: [area, cell], eventTime: 'ts' })
const profile = featureView('profile', {
  of: customer,
  from: customers,
  every: '1d',
  features: (f) => ({ region: f.attribute('region'), no: f.attribute('no'), share: f.attribute('share') }),
})
const weather = featureView('weather', {
  of: area,
  from: readings,
  every: '1d',
  features: (f) => ({ temp: f.mean('temp').over('1d'), newest: f.last('region') }),
})
const cells = featureView('cells', {
  of: cell,
  from: readings,
  every: '1d',
  features: (f) => ({ n: f.count().over('1d') }),
})
const daily = featureView('daily', {
  of: entity('day', { at: z.date() }),
  from: fact('mart.days', {
    columns: { at: z.date(), ts: z.date() },
    entities: [entity('day', { at: z.date() })],
    eventTime: 'ts',
  }),
  every: '1d',
  features: (f) => ({ n: f.count().over('1d') }),
})
const calendar = featureView('calendar', { every: '1d', features: (f) => ({ dow: f.calendar('dayOfWeek') }) })
const looked = weather.via(profile, 'region')

describe('a view of an entity that is looked up', () => {
  test('is asked for by the entity of the view that looks it up', () => {
    const { plan } = featureService('s', [looked.pick('temp_1d')])
    expect(plan.views).toEqual([
      { view: weather.plan, features: ['temp_1d'], via: { view: profile.plan, features: ['region'] } },
    ])
    expect(serviceKeys(plan).map(({ name }) => name)).toEqual(['customer_id'])
    expect(vectorFields(plan).map(({ name }) => name)).toEqual(['weather__temp_1d'])
    expect(viewsRead(plan).map(({ name }) => name)).toEqual(['weather', 'profile'])
    expect(readServicePlan(planText(plan), 'there')).toEqual(plan)
    expect(serviceLineage(plan).map(({ from_name }) => from_name)).toEqual(['weather.temp_1d', 'profile.region'])
  })

  test('goes with roles and defaults, of either view', () => {
    const payer = profile.as('payer', { customer_id: 'payer_id' }).default({ region: 'ch', share: 1 })
    const { plan } = featureService('s', [looked, weather.via(payer, 'region').default({ temp_1d: 15 }).as('payers')])
    expect(plan.views[1]).toEqual({
      view: weather.plan,
      as: 'payers',
      features: ['temp_1d', 'newest'],
      defaults: { temp_1d: 15 },
      via: {
        view: profile.plan,
        as: 'payer',
        keys: { customer_id: 'payer_id' },
        features: ['region'],
        defaults: { region: 'ch' },
      },
    })
    expect(serviceKeys(plan).map(({ name }) => name)).toEqual(['customer_id', 'payer_id'])
    const buyers = featureService('s', [looked.as('buyers', { customer_id: 'buyer_id' })])
    expect(serviceKeys(buyers.plan).map(({ name }) => name)).toEqual(['buyer_id'])
  })

  test('takes a feature for each column of a compound key', () => {
    const { plan } = featureService('s', [cells.via(profile, { no: 'no', region: 'region' })])
    expect(plan.views[0]?.via?.features).toEqual(['region', 'no'])
  })

  test('changes the hash of the service by how it is looked up', () => {
    const services = [
      featureService('s', [looked]),
      featureService('s', [weather.via(profile.default({ region: 'ch' }), 'region')]),
      featureService('s', [weather.via(weather.as('near'), 'newest')]),
      featureService('s', [weather]),
    ].map(({ plan }) => plan)
    expect(new Set(services.map(({ hash }) => hash)).size).toBe(4)
    const [before, , after] = services
    if (before === undefined || after === undefined) throw new Error('there are services')
    expect(serviceDifference(before, after)).toEqual([
      'keys of weather customer(customer_id text) → area(region text)',
      'key of weather from profile.region → near.newest',
    ])
  })
})

describe('refused is', () => {
  test.each([
    [
      'no view',
      () => weather.via(untyped(customers), untyped('region')),
      "view 'weather': via() takes a view and a feature of it, like via(profile, 'region')",
    ],
    [
      'a feature that there is not',
      () => weather.via(profile.pick('no'), untyped('region')),
      "view 'weather', column 'region': view 'profile' has no feature 'region'; it has no",
    ],
    [
      'a feature of another type',
      () => weather.via(profile, untyped('no')),
      "view 'weather', column 'region': feature 'no' of view 'profile' is bigint, and the key is text",
    ],
    [
      'one feature for a compound key',
      () => cells.via(profile, untyped('region')),
      "view 'cells': entity 'cell' has several key columns (region, no); name a feature for each",
    ],
    [
      'half of a compound key',
      () => cells.via(profile, untyped({ region: 'region' })),
      "view 'cells', column 'no': via() names no feature that has this key",
    ],
    [
      'a lookup of what is looked up',
      () => looked.via(profile, untyped('region')),
      "view 'weather': its entity is already looked up by view 'profile'",
    ],
    [
      'a lookup by what is looked up',
      () => weather.via(looked, 'newest'),
      "view 'weather': view 'weather' is itself looked up; an entity is looked up in one step",
    ],
    [
      'a lookup of keys that have other names',
      () => weather.as('near', { region: 'near_region' }).via(profile, untyped('region')),
      "view 'near': its keys have other names in this role, but looked up they have none; use via() on the view",
    ],
    [
      'a calendar',
      () => calendar.via(profile, untyped('region')),
      "view 'calendar': it is a calendar, the same for everybody, so there is nobody to look up",
    ],
    [
      'a key that is an instant',
      () => {
        const times = featureView('times', {
          of: area,
          from: readings,
          every: '1d',
          features: (f) => ({ at: f.last('ts') }),
        })
        return daily.via(times, 'at')
      },
      "view 'daily', column 'at': a key of type timestamp cannot be looked up; texts, whole numbers and booleans can",
    ],
    [
      'a lookup by another view of the name of one in the service',
      () => featureService('s', [looked, weather.as('profile', { region: 'r' })]),
      "service 's', view 'weather': it is looked up by a view 'profile', and the service has another one of this name; rename one",
    ],
    [
      'a view over what is looked up',
      () => featureView(untyped('over'), untyped({ of: customer, from: looked, every: '1d', features: () => ({}) })),
      "view 'over': 'weather' is view 'weather' in a role, which only services have",
    ],
  ])('%s', (_, define, says) => {
    expect(refusal(define)).toBe(says)
  })
})
