import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  precomputed,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { untyped } from './invalid.ts'
import { customer, profiles, scores, usage } from './marts.ts'

const columns = { customer_id: z.string(), ts: z.date() }
const features = (f: { count(): { lifetime(): unknown } }) => ({ n: f.count().lifetime() })
const view = featureView('v', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ n: f.count().lifetime() }),
})

/** Every definition with all its options, right. */
const definitions: Record<
  string,
  { readonly define: (...parts: never[]) => unknown; readonly name: unknown; readonly spec: object }
> = {
  entity: { define: entity, name: 'e', spec: { id: z.string() } },
  fact: {
    define: fact,
    name: 't',
    spec: { columns, entities: [customer], eventTime: 'ts', knownAt: 'ts', sequence: 'ts', zone: 'UTC' },
  },
  dimension: {
    define: dimension,
    name: 't',
    spec: { columns, entity: customer, validFrom: 'ts', validTo: 'ts', zone: 'UTC' },
  },
  precomputed: {
    define: precomputed,
    name: 't',
    spec: { columns, entity: customer, time: 'ts', created: 'ts', zone: 'UTC' },
  },
  'featureView of a fact': {
    define: featureView,
    name: 'v',
    spec: {
      of: customer,
      from: usage,
      every: '1d',
      delay: '1h',
      ttl: '2d',
      repair: '1d',
      zone: 'UTC',
      population: profiles,
      features,
      derive: (v: { n: unknown }) => ({ m: v.n }),
    },
  },
  'featureView of a table': {
    define: featureView,
    name: 'v',
    spec: {
      of: customer,
      from: scores,
      every: '1d',
      features: (f: { column(name: string): unknown }) => ({ score: f.column('score') }),
    },
  },
  featureService: { define: featureService, name: 's', spec: [view] },
  label: {
    define: label,
    name: 'l',
    spec: {
      of: customer,
      from: usage,
      value: (f: { count(): { ahead(length: string): unknown } }) => f.count().ahead('1d'),
    },
  },
  'label that happens': {
    define: (name: never, options: { length: never } | null) =>
      label(name, { of: customer, value: happens(usage).within(untyped(options?.length), untyped(options)) }),
    name: 'l',
    spec: { length: '1d', gap: '1h', maturity: '1h', where: (r: { paid: unknown }) => r.paid },
  },
}
const nonsense: readonly unknown[] = [
  null,
  3,
  -1,
  Number.NaN,
  'nonsense',
  '',
  true,
  {},
  [],
  [null],
  { plan: 1 },
  { kind: 'fact' },
  () => null,
  () => 3,
  Symbol('s'),
  10n,
]

function outcome(define: (...parts: never[]) => unknown, ...parts: readonly unknown[]): string {
  try {
    define(...(parts as never[]))
    return 'accepted'
  } catch (error) {
    return error instanceof MartletError ? error.code : String(error)
  }
}

describe('whatever a caller without types passes is accepted or refused as INVALID_DEFINITION, never anything else', () => {
  test.each(Object.entries(definitions))('%s', (_, { define, name, spec }) => {
    expect(outcome(define, name, spec)).toBe('accepted')
    const options = Array.isArray(spec) ? [] : Object.keys(spec)
    const outcomes = nonsense.flatMap((value) => [
      ['name', value, outcome(define, value, spec)] as const,
      ['spec', value, outcome(define, name, value)] as const,
      ...options.map((option) => [option, value, outcome(define, name, { ...spec, [option]: value })] as const),
    ])
    expect(outcomes.filter(([, , code]) => code !== 'accepted' && code !== 'INVALID_DEFINITION')).toEqual([])
    expect(outcomes.some(([, , code]) => code === 'INVALID_DEFINITION')).toBe(true)
  })
})
