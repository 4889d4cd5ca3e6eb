import { describe, expect, test } from 'vitest'
import { bands, dayStart, days, featureView, T, type Valued } from '@martlet/feature-store'
import { refusal, untyped } from './invalid.ts'
import { customer, usage } from './marts.ts'
import type { DerivedFeature } from '../../src/vocabulary/features/derived.ts'
import { derived } from '../../src/vocabulary/features/derived.ts'

const base = { of: customer, from: usage, every: '1d', zone: 'Europe/Zurich' } as const
const derive = (build: (v: { readonly x: Valued<number>; readonly seen: Valued<Date | null> }) => unknown) => () =>
  featureView('v', {
    ...base,
    features: (f) => ({ x: f.sum('kwh').over('1d'), seen: f.last('ts') }),
    derive: (v) => ({ y: untyped(build({ x: v.x_1d, seen: v.seen })) }),
  })

describe('what bands, days and dayStart refuse', () => {
  const cases: [string, () => unknown, string][] = [
    ['no bands', derive((v) => bands(v.x, {})), 'bands() needs at least one name with a lower edge'],
    ['bands of an instant', derive((v) => bands(untyped(v.seen), { low: 0 })), 'bands() are of a number'],
    [
      'an edge that is no number',
      derive((v) => bands(v.x, { low: Number.NaN })),
      "the lower edge of band 'low' is NaN, not a finite number",
    ],
    [
      'two bands from one edge',
      derive((v) => bands(v.x, { low: 0, none: 0 })),
      "bands 'none' and 'low' both begin at 0",
    ],
    ['days to a number', derive((v) => days(T, untyped(v.x))), 'days() is between instants or dates'],
    ['days to a text', derive(() => days(T, 'tomorrow')), "'tomorrow' is not a date like '2026-01-31'"],
    [
      'the day of an instant',
      derive((v) => dayStart(untyped(v.seen))),
      'dayStart() takes a date, and this is an instant',
    ],
    ['a zone that is none', derive(() => dayStart('2026-01-31', 'Mars')), 'Mars'],
    [
      'T in where',
      () =>
        featureView('v', {
          ...base,
          features: (f) => ({
            x: f
              .count()
              .where((r) => r.ts.lt(T))
              .lifetime(),
          }),
        }),
      "view 'v', feature 'x': its where asks for T, which is the time of a row of features",
    ],
    [
      'a date by no clock in where',
      () =>
        featureView('v', {
          ...base,
          features: (f) => ({
            x: f
              .count()
              .where((r) => dayStart('2026-01-31').lt(r.ts))
              .lifetime(),
          }),
        }),
      "its where takes the start of a date by no clock; write dayStart(row.due, 'Europe/Berlin')",
    ],
  ]
  test.each(cases)('%s', (_, define, says) => {
    expect(refusal(define)).toContain(says)
  })
})

test('dates in derive begin by the clock of the view, and words say so', () => {
  const { plan } = derive(() => days(T, '2026-01-31'))()
  const feature = plan.features.find((one): one is DerivedFeature => one.name === 'y')
  expect(feature?.expression).toMatchObject({ kind: 'days', to: { kind: 'dayStart', zone: 'Europe/Zurich' } })
  expect(feature === undefined ? '' : derived.words(feature)).toBe(
    'days from T to start of 2026-01-31T00:00:00.000Z in Europe/Zurich',
  )
})
