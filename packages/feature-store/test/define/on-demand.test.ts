import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  decimal,
  entity,
  fact,
  featureService,
  featureView,
  onDemand,
  request,
  vectorFields,
} from '@martlet/feature-store'
import { readServicePlan, planText } from '../../src/catalog/plan-json.ts'
import { serviceLineage } from '../../src/catalog/lineage.ts'
import { refusal, untyped } from './invalid.ts'
import { customer, usage } from './marts.ts'

const use = featureView('use', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('7d'), tariff: f.last('tariff') }),
})
const ride = request({ km: z.number(), seats: z.int().optional() })
const share = (factor: number) =>
  onDemand('share', {
    of: [use.pick('kwh_7d')],
    request: ride,
    derive: (v, r) => ({ per_km: v.use__kwh_7d.div(r.km).mul(factor), many: r.seats.gt(4) }),
  })
const counted = (version: string, add = 1) =>
  onDemand('counted', {
    of: [use],
    request: ride,
    version,
    output: { seats: z.int(), tariff: z.enum(['peak', 'off', 'none']) },
    compute: ({ features, request: r }) => ({ seats: (r.seats ?? 0) + add, tariff: features.use__tariff ?? 'none' }),
  })

describe('an on-demand feature', () => {
  test('is plain data that a catalog stores and reads again', () => {
    const service = featureService('s', [use.pick('tariff'), share(1), counted('1').pick('seats')])
    expect(readServicePlan(planText(service.plan), 'the test')).toEqual(service.plan)
    expect(vectorFields(service.plan).map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ['use__tariff', 'text', true],
      ['share__per_km', 'double', true],
      ['share__many', 'boolean', true],
      ['counted__seats', 'bigint', false],
    ])
    expect(service.plan.views.map(({ features, inputs }) => [features, inputs])).toEqual([[['tariff'], ['kwh_7d']]])
  })

  test('is part of the hash of its service: its expressions, or the version of its function', () => {
    const hash = (...parts: Parameters<typeof featureService>[1]) => featureService('s', parts).plan.hash
    expect(hash(use, share(1))).toBe(hash(use, share(1)))
    expect(hash(use, share(2))).not.toBe(hash(use, share(1)))
    expect(hash(use, counted('1', 2))).toBe(hash(use, counted('1')))
    expect(hash(use, counted('2'))).not.toBe(hash(use, counted('1')))
    expect(hash(share(1), use)).not.toBe(hash(use, share(1)))
    expect(hash(use)).not.toBe(hash(use, share(1)))
  })

  test('states what it is computed from', () => {
    const edges = serviceLineage(featureService('s', [share(1)]).plan)
    expect(
      edges.map(({ from_kind, from_name, to_kind, to_name }) => `${from_kind} ${from_name} → ${to_kind} ${to_name}`),
    ).toEqual([
      'feature share.per_km → service s',
      'feature share.many → service s',
      'feature use.kwh_7d → feature share.per_km',
      'request share.km → feature share.per_km',
      'request share.seats → feature share.many',
    ])
  })
})

const spec = { of: [use], request: ride } as const
const km = () => ({ x: untyped(3) })
const otherUse = featureView('use', { of: customer, from: usage, every: '1d', features: (f) => ({ n: f.age() }) })
const buyer = entity('buyer', { km: z.string() })
const sales = featureView('sales', {
  of: buyer,
  from: fact('mart.sales', { columns: { km: z.string(), at: z.date() }, entities: [buyer], eventTime: 'at' }),
  every: '1d',
  features: (f) => ({ n: f.age() }),
})

describe('refuses', () => {
  const cases: [string, () => unknown, string][] = [
    ['a request of nothing', () => request({}), 'it has no columns'],
    [
      'a value that is not lower_snake',
      () => request({ Km: z.number() }),
      "column 'Km': the name 'Km' is not lower_snake",
    ],
    ['a value called features', () => request({ features: z.string() }), 'a request over HTTP names features'],
    [
      'a name that is not lower_snake',
      () => onDemand('Share', untyped({ ...spec, derive: km })),
      "on-demand feature 'Share'",
    ],
    ['no views', () => onDemand('x', untyped({ request: ride, derive: km })), 'of must be a list of feature views'],
    [
      'a fact among the views',
      () => onDemand('x', untyped({ of: [usage], request: ride, derive: km })),
      'it can read feature views only',
    ],
    [
      'no request',
      () => onDemand('x', untyped({ of: [use], derive: km })),
      'request must be what request({ … }) returns',
    ],
    [
      'its own name',
      () => onDemand(untyped('use'), untyped({ ...spec, derive: km })),
      'it has the name of a view that it reads',
    ],
    [
      'two views of a name',
      () => onDemand('x', untyped({ of: [use, use], request: ride, derive: km })),
      "two views are named 'use'",
    ],
    [
      'a value that is named like a key',
      () => onDemand(untyped('x'), untyped({ of: [use], request: request({ customer_id: z.string() }), derive: km })),
      "on-demand feature 'x', view 'use': the request has a value named like key column 'customer_id'",
    ],
    [
      'neither expressions nor a function',
      () => onDemand('x', untyped(spec)),
      'it needs derive, which returns expressions',
    ],
    [
      'both',
      () => onDemand('x', untyped({ ...spec, derive: km, compute: km, version: '1', output: { x: z.number() } })),
      'use one',
    ],
    [
      'a value that is no expression',
      () => onDemand('x', untyped({ ...spec, derive: km })),
      "feature 'x': it must be an expression over features",
    ],
    ['nothing', () => onDemand('x', untyped({ ...spec, derive: () => ({}) })), 'it computes nothing'],
    [
      'a misspelt feature',
      () =>
        onDemand(
          'x',
          untyped({
            ...spec,
            derive: (v: Record<string, { add: (x: number) => unknown }>) => ({ x: v['use__kw']?.add(1) }),
          }),
        ),
      "there is no feature 'use__kw'; there are: use__kwh_7d, use__tariff",
    ],
    [
      'a function without a version',
      () => onDemand('x', untyped({ ...spec, compute: km, output: { x: z.number() } })),
      'a function needs a version',
    ],
    [
      'a function without output',
      () => onDemand('x', untyped({ ...spec, compute: km, version: '1' })),
      'a function needs output',
    ],
    [
      'a decimal from a function',
      () => onDemand('x', untyped({ ...spec, compute: km, version: '1', output: { x: decimal(12, 2) } })),
      'a function computes with numbers, which decimals are not',
    ],
    [
      'a pick of what is not there',
      () => share(1).pick(untyped('per_mile')),
      'there is no such feature to pick; there are per_km, many',
    ],
    [
      'the same twice',
      () => featureService('s', [share(1).pick('many'), share(1)]),
      'the service has two on-demand features of this name',
    ],
    [
      'a view and an on-demand feature of a name',
      () =>
        featureService('s', [
          sales,
          onDemand('sales', { of: [use], request: ride, derive: (_, r) => ({ x: r.km.add(1) }) }),
        ]),
      'the service has a view and an on-demand feature of this name',
    ],
    [
      'two views of one name',
      () => featureService('s', [otherUse, share(1)]),
      "on-demand feature 'share' reads another view of this name",
    ],
    [
      'a value that is a key of another view',
      () => featureService('s', [sales, share(1)]),
      "like key column 'km' of entity 'buyer'",
    ],
    [
      'a value of two types',
      () =>
        featureService('s', [
          share(1),
          onDemand('other', { of: [], request: request({ km: z.int() }), derive: (_, r) => ({ x: r.km.add(1) }) }),
        ]),
      "value 'km' of the request is bigint here and double in 'share'",
    ],
  ]
  test.each(cases)('%s', (_, define, problem) => expect(refusal(define)).toContain(problem))
})
