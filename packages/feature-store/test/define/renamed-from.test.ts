import { describe, expect, expectTypeOf, test } from 'vitest'
import type { FeatureView, FeaturesOf } from '../../src/define/feature-view.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { renamedFrom } from '../../src/define/features/renamed-from.ts'
import { inNamesOf, presentName, sameValues } from '../../src/vocabulary/same-values.ts'
import { customer, usage } from '../catalog/definitions.ts'

const frame = { of: customer, from: usage, every: '1d' } as const
const before = featureView('customer_usage', {
  ...frame,
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d'),
    newest: f.last('tariff'),
    silent: f.age(),
    recent: f.mean('cost').overLast(10),
  }),
  derive: (v) => ({ pace: v.kwh_1d.div(v.kwh_7d) }),
})
const after = featureView('customer_energy', {
  ...frame,
  renamedFrom: 'customer_usage',
  features: (f) => ({
    energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')),
    tariff: renamedFrom('newest', f.last('tariff')),
    days_silent: renamedFrom('silent', f.age()),
    late: renamedFrom('recent', f.mean('cost').overLast(10)),
  }),
  derive: (v) => ({ tempo: renamedFrom('pace', v.energy_1d.div(v.energy_7d)) }),
})

describe('renamedFrom', () => {
  test('says for every column what it was called, suffixes included, and leaves types and values as they are', () => {
    expect(after.plan.features.map(({ name, renamedFrom: old }) => [old, name])).toEqual([
      ['kwh_1d', 'energy_1d'],
      ['kwh_7d', 'energy_7d'],
      ['newest', 'tariff'],
      ['silent', 'days_silent'],
      ['recent_last10', 'late_last10'],
      ['pace', 'tempo'],
    ])
    expectTypeOf<FeaturesOf<typeof after>['tariff']>().toEqualTypeOf<'day' | 'night' | null>()
    expectTypeOf<FeaturesOf<typeof after>['tempo']>().toEqualTypeOf<number | null>()
    const { hash: _, ...old } = before.plan
    const strip = ({ features, renamedFrom: __, ...rest }: typeof old) => ({
      ...rest,
      features: features.map((one) => ({ ...one, renamedFrom: undefined })),
    })
    expect(strip(inNamesOf(after.plan, before.plan))).toMatchObject(strip(old))
    expect(sameValues(before.plan, after.plan, before.picked)).toBe(true)
    expect(before.picked.map((name) => presentName(after.plan, before.plan, name))).toEqual(after.picked)
  })

  test('changes no hash: a definition that says it no more is the same one', () => {
    const forgotten = featureView('customer_energy', {
      ...frame,
      features: (f) => ({
        energy: f.sum('kwh').over('1d', '7d'),
        tariff: f.last('tariff'),
        days_silent: f.age(),
        late: f.mean('cost').overLast(10),
      }),
      derive: (v) => ({ tempo: v.energy_1d.div(v.energy_7d) }),
    })
    expect(forgotten.plan.hash).toBe(after.plan.hash)
  })

  test('does not hide that a value changed with the name', () => {
    const other = featureView('customer_usage', {
      ...frame,
      features: (f) => ({ energy: renamedFrom('kwh', f.sum('cost').over('1d', '7d')) }),
      derive: (v) => ({ pace: v.energy_1d.div(v.energy_7d) }),
    })
    for (const name of ['kwh_1d', 'pace', 'silent'])
      expect([name, sameValues(before.plan, other.plan, [name])]).toEqual([name, false])
  })

  const refused: readonly (readonly [string, () => FeatureView<string, typeof customer, Record<string, unknown>>])[] = [
    [
      "it was called 'kwh_1d', but the view still has",
      () =>
        featureView('v', {
          ...frame,
          features: (f) => ({ a: renamedFrom('kwh', f.sum('kwh').over('1d')), kwh: f.sum('cost').over('1d') }),
        }),
    ],
    [
      "both say that they were called 'kwh_1d'",
      () =>
        featureView('v', {
          ...frame,
          features: (f) => ({
            a: renamedFrom('kwh', f.sum('kwh').over('1d')),
            b: renamedFrom('kwh', f.sum('cost').over('1d')),
          }),
        }),
    ],
    [
      "the old name 'Kwh' is not lower_snake",
      () => featureView('v', { ...frame, features: (f) => ({ a: renamedFrom('Kwh', f.sum('kwh').over('1d')) }) }),
    ],
    [
      'called by its present name before',
      () => featureView('v', { ...frame, renamedFrom: 'v', features: (f) => ({ a: f.sum('kwh').over('1d') }) }),
    ],
    [
      "the name 'v__old' is not lower_snake",
      () => featureView('v', { ...frame, renamedFrom: 'v__old', features: (f) => ({ a: f.sum('kwh').over('1d') }) }),
    ],
  ]
  test.for(refused)('is refused: %s', ([message, define]) => {
    expect(define).toThrow(message)
    expect(define).toThrow(expect.objectContaining({ code: 'INVALID_DEFINITION' }))
  })
})
