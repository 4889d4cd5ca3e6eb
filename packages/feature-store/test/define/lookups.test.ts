import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { featureView, lookupTable, type CalendarBuilder } from '@martlet/feature-store'
import { viewLineage } from '../../src/catalog/lineage.ts'
import type { FeatureMap } from '../../src/define/features/features.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { featureText } from '../../src/vocabulary/words.ts'
import { refusal, untyped } from './invalid.ts'
import { customer, profiles, usage } from './marts.ts'

const days = { date: z.iso.date(), name: z.string(), seq: z.int(), seen: z.date() }
const holidays = lookupTable('mart.holidays', { columns: days, day: 'date', knownAhead: true })
const weather = lookupTable('mart.weather', { columns: days, day: 'date' })
const intervals = { since: z.date(), until: z.date().nullable(), published: z.date(), price: z.number() }
const tariffs = lookupTable('mart.tariffs', { columns: intervals, validFrom: 'since', validTo: 'until' })

const calendar = (features: (f: CalendarBuilder) => FeatureMap) => featureView(untyped('v'), { every: '1d', features })
const looked = (at: string) => () => calendar((f) => ({ x: f.lookup(untyped(tariffs), 'price', untyped({ at })) }))

describe('lookups are refused', () => {
  test.each([
    [
      'of a table without days and intervals',
      () => lookupTable('mart.t', { columns: days }),
      `lookup table 'mart.t': it must say what a row is about: day: 'date' for local days, or validFrom`,
    ],
    [
      'of a table with both',
      () => lookupTable('mart.t', { columns: { ...days, ...intervals }, day: 'date', validFrom: 'since' }),
      'its rows are about days, so they have no validFrom and validTo',
    ],
    [
      'of a table that says twice when it is known',
      () => lookupTable('mart.t', { columns: days, day: 'date', knownAt: 'seen', knownAhead: true }),
      'it says knownAhead, and with knownAt when each row became known; choose one',
    ],
    [
      'of intervals that end with a next row which may not be known',
      () => lookupTable('mart.t', { columns: intervals, validFrom: 'since', knownAt: 'published' }),
      'with knownAt its intervals need validTo',
    ],
    [
      'of days that are texts',
      () => lookupTable('mart.t', { columns: days, day: 'name' }),
      `lookup table 'mart.t': day 'name' is text; it must be date`,
    ],
    [
      'of a column that there is not',
      () => calendar((f) => ({ x: f.lookup(holidays, untyped('nam')) })),
      `view 'v', feature 'x': this table has no column 'nam'; it has date, name, seq, seen`,
    ],
    [
      'of a day that is not over',
      () => calendar((f) => ({ x: f.lookup(untyped(weather), 'name') })),
      `nobody knows the row of 'mart.weather' for a day before it is over; give it knownAt, or say knownAhead: true if ` +
        `that is so, or read an earlier day with { at: '-1d' }`,
    ],
    ['ahead of what is known', looked('+1d'), `nobody knows the rows of 'mart.tariffs' before they begin, so '+1d'`],
    ['hours ahead of what is known', looked('+6h'), `so '+6h' leaks the future`],
    ['without a sign', looked('1d'), `at '1d' begins with neither + nor -; write '+1d' for the day after T`],
    ['by half a day', looked('-0.5d'), `at '-0.5d' is not a whole number of days, which are local days; write hours`],
    ['by months', looked('-1mo'), `view 'v', feature 'x': at '1mo' is not a duration`],
    [
      'hours from T in a table of days',
      () => calendar((f) => ({ x: f.lookup(untyped(holidays), 'name', { at: '-6h' }) })),
      `'mart.holidays' has a row per day, so it is read whole days from T, such as '+1d', and not '-6h'`,
    ],
    [
      'in a dimension',
      () => calendar((f) => ({ x: f.lookup(untyped(profiles), untyped('tariff')) })),
      `view 'v', feature 'x': lookup() takes a table that lookupTable() declares, and a column of it`,
    ],
    [
      'as the source of a view',
      () =>
        featureView(untyped('v'), {
          of: untyped(customer),
          from: untyped(holidays),
          every: '1d',
          features: () => ({}),
        }),
      `view 'v': from must be a fact, a dimension, a precomputed table or other views`,
    ],
  ])('%s', (_, define, says) => {
    expect(refusal(define)).toContain(says)
  })
})

const plan = (table = holidays, at: '+1d' | '+2d' = '+1d') =>
  featureView('v', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), holiday: f.lookup(table, 'name', { at }) }),
  }).plan

test('a stored plan is read back, and says what it looks up', () => {
  const stored: unknown = JSON.parse(JSON.stringify(plan()))
  expect(viewPlan.parse(stored)).toEqual(plan())
  expect(plan().features.map(featureText).at(-1)).toBe('mart.holidays.name one local day later')
  expect(viewLineage(plan()).map(({ from_name, to_name }) => [from_name, to_name])).toContainEqual([
    'mart.holidays.name',
    'v.holiday',
  ])
})

test('the hash covers the shift and the roles of the table, and not what is promised of it', () => {
  const promised = lookupTable('mart.holidays', { columns: days, day: 'date', knownAt: 'seen' })
  const ordered = lookupTable('mart.holidays', { columns: days, day: 'date', knownAhead: true, sequence: 'seq' })
  const wider = lookupTable('mart.holidays', { columns: { ...days, more: z.int() }, day: 'date', knownAhead: true })
  expect(plan(holidays, '+2d').hash).not.toBe(plan().hash)
  expect(plan(promised).hash).not.toBe(plan().hash)
  expect(plan(ordered).hash).not.toBe(plan().hash)
  expect(plan(wider).hash).toBe(plan().hash)
})
