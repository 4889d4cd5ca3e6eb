import { expect, test } from 'vitest'
import { z } from 'zod'
import { entity, featureService, featureView, label } from '@martlet/feature-store'
import { featureTable, sideTable } from '../../src/materialize/feature-table.ts'
import { checkTable } from '../../src/online/limits.ts'
import { refusal, untyped } from './invalid.ts'
import { customer, usage } from './marts.ts'

const named = (length: number): string => 'n'.repeat(length)
const view = (name: string, feature = 'n') =>
  featureView(untyped(name), { of: customer, from: usage, every: '1d', features: (f) => ({ [feature]: f.age() }) })
const lengths = (table: string): readonly number[] => table.split('.').map((part) => part.length)

test('names of 128 characters can be tables of both engines and of every online store', () => {
  const { name, plan } = view(named(128))
  expect(() => checkTable(name)).not.toThrow()
  for (const table of [featureTable(plan), sideTable(name, plan.hash), `ml.${plan.name}_latest`]) {
    expect(Math.max(...lengths(table))).toBeLessThanOrEqual(255)
  }
  expect(() => featureService(named(128), [view('v')])).not.toThrow()
})

test('a name that no table could have is refused when it is defined', () => {
  expect(refusal(() => view(named(129)))).toContain(
    'the name has 129 characters; use at most 128, because tables of the warehouse and of the online store are named after it',
  )
  expect(refusal(() => featureService(named(129), [view('v')]))).toContain(
    'the name has 129 characters; use at most 128',
  )
})

test('a name that no column could have is refused when it is defined', () => {
  expect(() => view('v', named(252))).not.toThrow()
  expect(refusal(() => view('v', named(253)))).toContain(
    "its column of a training set, 'v__<feature>', would have 256 characters, and Snowflake takes 255: shorten the name",
  )
  expect(refusal(() => view(named(128), named(126)))).toContain('would have 256 characters')
  expect(refusal(() => entity(untyped(named(256)), { id: z.string() }))).toContain(
    'the name has 256 characters; use at most 255',
  )
  expect(
    refusal(() => label(untyped(named(256)), { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('1d') })),
  ).toContain('the name has 256 characters; use at most 255')
})
