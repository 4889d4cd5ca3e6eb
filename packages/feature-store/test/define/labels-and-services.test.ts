import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  next,
  serviceKeys,
  timeTo,
  vectorFields,
} from '@martlet/feature-store'
import { member, refusal, untyped } from './invalid.ts'
import { customer, meter, site, usage } from './marts.ts'

const hour = 3_600_000_000
const readings = fact('mart.readings', {
  columns: { site_id: z.int(), channel: z.int(), at: z.date(), value: z.number() },
  entities: [meter, site],
  eventTime: 'at',
})
const states = fact('mart.states', {
  columns: { site_id: z.int(), at: z.date(), state: z.enum(['none', 'open']) },
  entities: [site],
  eventTime: 'at',
})

describe('a label', () => {
  test('aggregates the time after t', () => {
    const next = label('next_day', {
      of: customer,
      from: usage,
      value: (f) =>
        f
          .sum('kwh')
          .where((r) => r.paid)
          .ahead('1d', { gap: '2h', maturity: '6h' }),
    })
    expect(next.plan).toEqual({
      name: 'next_day',
      type: 'double',
      entity: customer.plan,
      fact: usage.plan,
      aggregate: { function: 'sum', column: 'kwh', where: { kind: 'column', name: 'paid' } },
      gap: 2 * hour,
      length: 24 * hour,
      maturity: 6 * hour,
    })
    expect(Object.isFrozen(next.plan.aggregate)).toBe(true)
  })

  test('has windows one after the other, each a column', () => {
    const next = label('next', {
      of: customer,
      from: usage,
      value: (f) => f.count().ahead('1d', { gap: '2h' }).steps(7),
    })
    expect(next.plan).toMatchObject({ name: 'next', gap: 2 * hour, length: 24 * hour, steps: 7 })
  })

  test('says which kind of fact comes first', () => {
    const { plan } = label('failing', { of: customer, value: next(usage, 'tariff').within('2d', { gap: '1h' }) })
    expect(plan).toMatchObject({
      type: 'text',
      aggregate: { function: 'next', column: 'tariff', where: null },
      gap: hour,
      length: 48 * hour,
    })
  })

  test('says whether something happens', () => {
    const soon = label('fails_soon', {
      of: site,
      value: happens(readings).within('14d', { gap: '1d', where: (r) => r.value.gt(9) }),
      owner: 'ops',
    })
    expect(soon.plan).toMatchObject({
      type: 'boolean',
      entity: site.plan,
      fact: readings.plan,
      gap: 24 * hour,
      length: 14 * 24 * hour,
      maturity: 0,
    })
    expect(soon.plan.aggregate).toMatchObject({ function: 'happens', where: { operator: 'greater' } })
    expect(soon.about).toEqual({ owner: 'ops' })
  })

  const cases: [string, () => unknown, string][] = [
    [
      'an entity that the fact lacks',
      () => label('l', { of: untyped(site), from: usage, value: (f) => f.count().ahead('1d') }),
      "label 'l': entity 'site' is not one of the entities of fact 'mart.usage', which are customer",
    ],
    [
      'a name that is not lower_snake',
      () => label('L', { of: customer, from: usage, value: (f) => f.count().ahead('1d') }),
      "label 'L'",
    ],
    [
      'a window of zero',
      () => label('l', { of: customer, from: usage, value: (f) => f.count().ahead('0d') }),
      "window '0d' must be longer than zero",
    ],
    [
      'a gap that is no duration',
      () => label('l', { of: customer, from: usage, value: (f) => f.count().ahead('1d', { gap: untyped('soon') }) }),
      "gap 'soon' is not a duration",
    ],
    [
      'a window in the past',
      () => label('l', { of: customer, from: usage, value: (f) => untyped(f.count().lifetime()) }),
      'its value must be an aggregate ahead of t',
    ],
    [
      'no steps',
      () => label('l', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps(untyped(0)) }),
      "label 'l': steps(0) must be a whole number of windows, at least 1",
    ],
    [
      'half a step',
      () => label('l', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps(untyped(1.5)) }),
      'steps(1.5) must be a whole number of windows',
    ],
    [
      'too many steps',
      () => label('l', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps<number>(201) }),
      'a label has at most 200 steps, not 201',
    ],
    [
      'a name that its last column makes too long',
      () => label('l'.repeat(253), { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps(12) }),
      'the name of its last column has 256 characters',
    ],
    [
      'a class of a number',
      () => label('l', { of: customer, value: next(usage, untyped('kwh')).within('1d') }),
      "label 'l': column 'kwh' is double; next() is of a text, which has classes",
    ],
    [
      'a class of an unknown column',
      () => label('l', { of: customer, value: next(usage, untyped('tarif')).within('1d') }),
      "label 'l': this fact has no column 'tarif'",
    ],
    [
      'a class beside a value none',
      () => label('l', { of: site, value: next(states, untyped('state')).within('1d') }),
      "column 'state' has a value 'none', which stands for no fact at all; rename that value",
    ],
    [
      'a horizon of zero',
      () => label('l', { of: customer, value: timeTo(usage).within('0d') }),
      "label 'l': window '0d' must be longer than zero",
    ],
    [
      'days to an unknown column',
      () => label('l', { of: site, value: timeTo(readings).within('1d', { where: (r) => member(r, 'kw') }) }),
      "its where is wrong: there is no column 'kw'",
    ],
    ['a value without a fact', () => label('l', { of: customer, value: untyped(() => 1) }), 'so it needs from: a fact'],
    [
      'an unknown column',
      () => label('l', { of: customer, from: usage, value: (f) => f.sum(untyped('kw')).ahead('1d') }),
      "label 'l': this fact has no column 'kw'",
    ],
    [
      'a where of an unknown column',
      () => label('l', { of: site, value: happens(readings).within('1d', { where: (r) => member(r, 'kw') }) }),
      "label 'l': its where is wrong: there is no column 'kw'",
    ],
  ]
  test.each(cases)('refuses %s', (_, define, problem) => expect(refusal(define)).toContain(problem))
})

describe('a service', () => {
  const byCustomer = featureView('usage', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), idle: f.age() }),
  })
  const byMeter = featureView('readings', {
    of: meter,
    from: readings,
    every: '1h',
    features: (f) => ({ n: f.count().lifetime() }),
  })
  const calendar = featureView('calendar', { every: '1d', features: (f) => ({ dow: f.calendar('dayOfWeek') }) })

  test('has its views and their features in order', () => {
    const service = featureService('next_day', [calendar, byCustomer.pick('idle', 'kwh_7d'), byMeter], {
      tags: ['energy'],
    })
    expect(vectorFields(service.plan).map(({ name }) => name)).toEqual([
      'calendar__dow',
      'usage__idle',
      'usage__kwh_7d',
      'readings__n',
    ])
    expect(serviceKeys(service.plan).map(({ name }) => name)).toEqual(['customer_id', 'site_id', 'channel'])
    expect(service.about).toEqual({ tags: ['energy'] })
    expect(Object.isFrozen(service.plan.views)).toBe(true)
  })

  const other = entity('buyer', { customer_id: z.int() })
  const sales = fact('mart.sales', {
    columns: { customer_id: z.int(), at: z.date() },
    entities: [other],
    eventTime: 'at',
  })
  const byBuyer = featureView('sales', {
    of: other,
    from: sales,
    every: '1d',
    features: (f) => ({ n: f.count().lifetime() }),
  })
  const cases: [string, () => unknown, string][] = [
    [
      'two views of one name',
      () => featureService('s', [byCustomer.pick('idle'), byCustomer.pick('kwh_1d')]),
      "service 's', view 'usage': the service has two views of this name",
    ],
    [
      'a key of two types',
      () => featureService('s', [byCustomer, byBuyer]),
      "service 's', view 'sales': key column 'customer_id' is bigint here and text in entity 'customer'",
    ],
    ['no views', () => featureService('s', []), "service 's': it has no views"],
    ['a name that is not lower_snake', () => featureService('Next', [calendar]), "service 'Next'"],
    ['something that is no view', () => featureService('s', [untyped(usage)]), 'its views must be feature views'],
  ]
  test.each(cases)('refuses %s', (_, define, problem) => expect(refusal(define)).toContain(problem))
})
