import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dimension, entity, featureView } from '@martlet/feature-store'
import { viewLineage } from '../../src/catalog/lineage.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { viewSources } from '../../src/vocabulary/view-sources.ts'
import { featureText } from '../../src/vocabulary/words.ts'
import { refusal, untyped } from './invalid.ts'
import { customer, currentProfiles, meter, profiles, usage } from './marts.ts'

const tariff = entity('tariff', { code: z.string() })
const columns = { code: z.string(), owner: z.string(), floors: z.int(), since: z.date(), until: z.date() }
const tariffs = dimension('mart.tariffs', { columns, entity: tariff, validFrom: 'since' })
const ending = dimension('mart.tariffs', { columns, entity: tariff, validFrom: 'since', validTo: 'until' })
const meters = dimension('mart.meters', {
  columns: { site_id: z.int(), channel: z.int(), kind: z.string(), since: z.date() },
  entity: meter,
  validFrom: 'since',
})

type Source = typeof profiles | typeof tariffs | typeof currentProfiles | typeof meters

/** `owner` (or another column) of where these steps lead, of a caller without types. */
function path(steps: readonly (readonly [dimension: Source | string, column: string])[], end: Source, column: string) {
  return () =>
    featureView('v', {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => {
        const [[first, by] = ['', ''], ...rest] = steps
        const way = rest.reduce(
          (sofar, [next, key]) => sofar.via(untyped(next), untyped(key)),
          f.via(untyped(first), untyped(by)),
        )
        return { x: way.attribute(untyped(end), untyped(column)) }
      },
    })
}

describe('a way over attributes is refused', () => {
  test.each([
    [
      'that begins at another entity',
      path([[tariffs, 'owner']], profiles, 'tariff'),
      `view 'v', feature 'x': dimension 'mart.tariffs' describes entity 'tariff', not entity 'customer'`,
    ],
    [
      'over a column that there is not',
      path([[profiles, 'tarif']], tariffs, 'owner'),
      `view 'v', feature 'x': this dimension has no column 'tarif'; it has customer_id, tariff, valid_from, valid_to`,
    ],
    [
      'to a column that there is not',
      path([[profiles, 'tariff']], tariffs, 'colour'),
      `this dimension has no column 'colour'`,
    ],
    [
      'over a column of another type',
      path(
        [
          [profiles, 'tariff'],
          [tariffs, 'floors'],
        ],
        tariffs,
        'owner',
      ),
      `column 'floors' of 'mart.tariffs' is bigint, and key 'code' of entity 'tariff' text, so it does not lead there`,
    ],
    [
      'to an entity of several keys',
      path([[profiles, 'tariff']], meters, 'kind'),
      `entity 'meter' has several keys, so column 'tariff' does not lead to it`,
    ],
    [
      'over a dimension without history',
      path([[currentProfiles, 'tariff']], tariffs, 'owner'),
      `dimension 'mart.dim_customer_now' keeps no history, so 'tariff' leaks the present into the past`,
    ],
    [
      'over what is no dimension',
      path([['mart.dim_customer', 'tariff']], tariffs, 'owner'),
      'via() and its attribute() take a dimension and a column of it',
    ],
    [
      'without an end',
      () =>
        featureView(untyped('v'), {
          of: customer,
          from: usage,
          every: '1d',
          features: (f) => ({ x: f.via(profiles, 'tariff') }),
        }),
      `view 'v', feature 'x': it is not a feature`,
    ],
  ])('%s', (_, define, says) => {
    expect(refusal(define)).toContain(says)
  })
})

const view = (end = tariffs, column: 'owner' | 'code' = 'owner') =>
  featureView('v', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), owner: f.via(profiles, 'tariff').attribute(end, column) }),
  }).plan

test('a stored plan is read back; words, lineage and sources name every step', () => {
  const stored: unknown = JSON.parse(JSON.stringify(view()))
  expect(viewPlan.parse(stored)).toEqual(view())
  expect(view().features.map(featureText).at(-1)).toBe('mart.tariffs.owner via mart.dim_customer.tariff')
  const read = viewLineage(view()).flatMap(({ from_name, to_name }) => (to_name === 'v.owner' ? [from_name] : []))
  expect(read).toEqual(['mart.dim_customer.tariff', 'mart.tariffs.owner'])
  expect(viewSources(view()).map(({ source }) => source.table)).toEqual([
    'mart.usage',
    'mart.dim_customer',
    'mart.tariffs',
  ])
})

test('the hash covers every step, and no column that is not read', () => {
  const wider = dimension('mart.tariffs', {
    columns: { ...columns, more: z.int() },
    entity: tariff,
    validFrom: 'since',
  })
  expect(view(ending).hash).not.toBe(view().hash)
  expect(view(tariffs, 'code').hash).not.toBe(view().hash)
  expect(view(wider).hash).toBe(view().hash)
})
