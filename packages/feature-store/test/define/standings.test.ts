import { describe, expect, test } from 'vitest'
import { featureView, renamedFrom, type Everybody } from '@martlet/feature-store'
import { standing, type StandingFeature } from '../../src/vocabulary/features/standing.ts'
import { refusal, untyped } from './invalid.ts'
import { customer, scores, usage } from './marts.ts'

const base = { of: customer, from: usage, every: '1d' } as const
function among(build: (v: { readonly kwh: never; readonly tariff: never }, everybody: Everybody) => unknown) {
  return () =>
    featureView('v', {
      ...base,
      features: (f) => ({ kwh: f.max('kwh').lifetime(), tariff: f.last('tariff') }),
      among: (v, everybody) => untyped(build(untyped(v), everybody)),
    })
}

describe('what among refuses, naming the view', () => {
  const cases: [string, () => unknown, string][] = [
    ['a text', among((v, everybody) => ({ x: everybody.rank(v.tariff) })), 'rank() is of a number'],
    [
      'one part',
      among((v, everybody) => ({ x: everybody.ntile(v.kwh, 1) })),
      'ntile() divides everybody into 2 to 10000 parts, not into 1',
    ],
    [
      'half a part',
      among((v, everybody) => ({ x: everybody.quantile(v.kwh, 2.5) })),
      'quantile() divides everybody into 2 to 10000 parts, not into 2.5',
    ],
    [
      'a group by a double',
      among((v, everybody) => ({ x: everybody.share(v.kwh, { within: v.kwh }) })),
      'share() is within a text, a whole number or a boolean of the row, not a number',
    ],
    ['no standing', among((v) => ({ x: v.kwh })), "view 'v', feature 'x': it must be a standing, like everybody.rank"],
    ['nothing', among(() => undefined), "view 'v': its among must return an object of standings"],
    [
      'a calendar',
      () => featureView('v', { every: '1d', features: (f) => ({ d: f.calendar('month') }), among: () => ({}) }),
      "view 'v': it is a calendar, the same for everybody",
    ],
    [
      'precomputed rows',
      () =>
        featureView('v', { of: customer, from: scores, every: '1d', features: () => untyped({}), among: () => ({}) }),
      "view 'v'",
    ],
  ]
  test.each(cases)('%s', (_, define, says) => {
    expect(refusal(define)).toContain(says)
  })
})

test('a standing says in words what it is, and its lineage is that of the value', () => {
  const { plan } = among((v, everybody) => ({ x: everybody.quantile(v.kwh, 5, { within: v.tariff }) }))()
  const feature = plan.features.find((one): one is StandingFeature => one.name === 'x')
  expect(feature === undefined ? '' : standing.words(feature)).toBe(
    'quantile(5) of kwh among those with the same tariff',
  )
  expect(standing.reads(feature ?? untyped(undefined))).toEqual([
    { of: 'row', feature: 'kwh' },
    { of: 'row', feature: 'tariff' },
  ])
})

test('a standing may be renamed, and what it compares too', () => {
  const { plan } = among((v, everybody) => ({ tier: renamedFrom('fifth', everybody.quantile(v.kwh, 5)) }))()
  expect(plan.features.find(({ name }) => name === 'tier')?.renamedFrom).toBe('fifth')
  const standings = plan.features.filter((one): one is StandingFeature => one.kind === 'standing')
  expect(standings.map((one) => standing.renamed?.(one, new Map([['kwh', 'energy']])).of)).toEqual([
    { kind: 'column', name: 'energy' },
  ])
})
