import { describe, expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import type { LiveModel } from '../../src/catalog/live-models.ts'
import type { Definition } from '../../src/catalog/definition-change.ts'
import { definitionsPlanText, planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { renamedFrom } from '../../src/define/features/renamed-from.ts'
import { customer, customers, profileView, usage } from './definitions.ts'
import { failure, withCatalog } from './scratch.ts'

const frame = { of: customer, from: usage, every: '1d', delay: '6h' } as const
const usageView = featureView('customer_usage', {
  ...frame,
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), cost: f.sum('cost').over('7d') }),
  derive: (v) => ({ pace: v.kwh_1d.div(v.kwh_7d) }),
})
const service = featureService('next_day', [usageView, profileView])

/** A model trained on some features of `usageView`, as a registry describes it. */
const model = (alias: string, version: number, ...features: readonly string[]): LiveModel => ({
  model: 'm',
  alias,
  version,
  service: 'next_day',
  fields: features.map((name) => ({ field: `customer_usage__${name}`, type: 'double' })),
  definitionHashes: { customer_usage: usageView.plan.hash, customer_profile: profileView.plan.hash },
})

const outcomes = async (catalog: Catalog, definitions: readonly Definition[], models: readonly LiveModel[]) =>
  (await planDefinitions(catalog, definitions, { models })).models.map(({ alias, outcome, reasons }) => [
    alias,
    outcome,
    ...reasons,
  ])

async function withService(use: (catalog: Catalog) => Promise<void>): Promise<void> {
  await withCatalog(async (catalog) => {
    await applyDefinitions(catalog, await planDefinitions(catalog, [service]))
    await use(catalog)
  })
}

const without = featureView('customer_usage', {
  ...frame,
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
  derive: (v) => ({ pace: v.kwh_1d.div(v.kwh_7d) }),
})

describe('what becomes of live models', () => {
  test('a feature that is removed has the definition kept for the models that read it, and for no others', () =>
    withService(async (catalog) => {
      const models = [model('champion', 3, 'kwh_7d', 'cost_7d'), model('challenger', 4, 'kwh_7d', 'pace')]
      expect(await outcomes(catalog, [featureService('next_day', [without, profileView])], models)).toEqual([
        ['champion', 'kept', 'feature cost_7d of view customer_usage is not defined any more'],
        ['challenger', 'works'],
      ])
    }))

  test('what changes values has it kept for those that read them, also by way of a derived feature', () =>
    withService(async (catalog) => {
      const wide = featureView('customer_usage', {
        ...frame,
        features: (f) => ({
          kwh: f
            .sum('kwh')
            .where((row) => row.kwh.gt(1))
            .over('1d', '7d'),
          cost: f.sum('cost').over('7d'),
        }),
        derive: (v) => ({ pace: v.kwh_1d.div(v.kwh_7d) }),
      })
      const otherwise = (name: string): string =>
        `feature ${name} of view customer_usage is computed differently than when the model was trained`
      const models = [model('a', 1, 'kwh_1d'), model('b', 1, 'cost_7d'), model('c', 1, 'pace')]
      expect(await outcomes(catalog, [featureService('next_day', [wide, profileView])], models)).toEqual([
        ['a', 'kept', otherwise('kwh_1d')],
        ['b', 'works'],
        ['c', 'kept', otherwise('pace')],
      ])
    }))

  test.for([
    ['the entity decides who has rows', { population: customers }],
    ['the grid', { every: '12h' }],
    ['the delay', { delay: '2h' }],
  ] as const)('a change of the whole view has it kept for all of them: %s', ([, change]) =>
    withService(async (catalog) => {
      const changed = featureView('customer_usage', {
        ...frame,
        ...change,
        features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), cost: f.sum('cost').over('7d') }),
      })
      expect(
        await outcomes(
          catalog,
          [featureService('next_day', [changed, profileView])],
          [model('champion', 1, 'cost_7d')],
        ),
      ).toMatchObject([['champion', 'kept', expect.stringContaining('cost_7d')]])
    }),
  )

  test('a view, or its service, that is removed: only the view matters to a model that was trained on applied definitions', () =>
    withService(async (catalog) => {
      expect(await outcomes(catalog, [profileView], [model('champion', 1, 'cost_7d')])).toEqual([
        ['champion', 'kept', 'view customer_usage is not defined any more (it reads cost_7d)'],
      ])
      expect(await outcomes(catalog, [usageView, profileView], [model('champion', 1, 'cost_7d')])).toEqual([
        ['champion', 'works'],
      ])
    }))

  test('added features, an order, a ttl, a repair and words break nothing', () =>
    withService(async (catalog) => {
      const more = featureView('customer_usage', {
        ...frame,
        ttl: '9d',
        repair: '2d',
        description: 'more',
        features: (f) => ({ cost: f.sum('cost').over('7d'), kwh: f.sum('kwh').over('1d', '7d', '28d') }),
        derive: (v) => ({ pace: v.kwh_1d.div(v.kwh_7d) }),
      })
      expect(
        await outcomes(
          catalog,
          [featureService('next_day', [more, profileView])],
          [model('champion', 1, 'kwh_7d', 'cost_7d', 'pace')],
        ),
      ).toEqual([['champion', 'works']])
    }))

  test('a rename breaks nothing, of features, of derived ones, of the view, and of all at once', () =>
    withService(async (catalog) => {
      const renamed = featureView('customer_energy', {
        ...frame,
        renamedFrom: 'customer_usage',
        features: (f) => ({
          energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')),
          cost: f.sum('cost').over('7d'),
        }),
        derive: (v) => ({ tempo: renamedFrom('pace', v.energy_1d.div(v.energy_7d)) }),
      })
      const models = [model('champion', 1, 'kwh_7d', 'cost_7d', 'pace')]
      expect(await outcomes(catalog, [featureService('next_day', [renamed, profileView])], models)).toEqual([
        ['champion', 'works'],
      ])
      const swapped = featureView('customer_usage', {
        ...frame,
        features: (f) => ({ kwh: renamedFrom('cost', f.sum('cost').over('7d')), other: f.count().over('7d') }),
      })
      expect(
        await outcomes(catalog, [featureService('next_day', [swapped, profileView])], [model('champion', 1, 'kwh_7d')]),
      ).toMatchObject([['champion', 'kept', expect.stringContaining('kwh_7d')]])
    }))

  test('a model that was trained on definitions which were never applied is judged by names and types', () =>
    withService(async (catalog) => {
      const foreign: LiveModel = {
        ...model('champion', 1, 'cost_7d'),
        definitionHashes: { customer_usage: 'elsewhere' },
      }
      expect(await outcomes(catalog, [service], [foreign])).toEqual([['champion', 'works']])
      expect(await outcomes(catalog, [featureService('next_day', [without, profileView])], [foreign])).toEqual([
        ['champion', 'breaks', 'service next_day has no feature cost_7d of view customer_usage'],
      ])
      const retyped: LiveModel = { ...foreign, fields: [{ field: 'customer_usage__cost_7d', type: 'text' }] }
      expect(await outcomes(catalog, [featureService('next_day', [usageView])], [retyped])).toEqual([
        ['champion', 'broken', 'feature cost_7d of view customer_usage has another type'],
      ])
      expect(await outcomes(catalog, [usageView], [foreign])).toEqual([
        ['champion', 'breaks', 'service next_day is not defined any more'],
      ])
    }))

  test('applying is refused with every model by alias and version, unless that is allowed; what is broken already hinders nobody', () =>
    withService(async (catalog) => {
      // Trained on definitions that this catalog never had.
      const foreign = (alias: string, version: number, feature: string): LiveModel => ({
        ...model(alias, version, feature),
        definitionHashes: {},
      })
      const models = [
        foreign('champion', 3, 'cost_7d'),
        foreign('canary', 4, 'cost_7d'),
        foreign('challenger', 4, 'kwh_7d'),
        model('own', 1, 'cost_7d'),
      ]
      const smaller = featureService('next_day', [without, profileView])
      const plan = await planDefinitions(catalog, [smaller], { models })
      expect(definitionsPlanText(plan)).toContain(
        '! model m@champion version 3 breaks: service next_day has no feature cost_7d of view customer_usage',
      )
      expect(await failure(applyDefinitions(catalog, plan))).toMatchObject({
        code: 'APPLY_REFUSED',
        message: expect.stringMatching(/m@champion version 3 breaks .*m@canary version 4 breaks .*Pass allowBreaking/),
      })
      expect((await planDefinitions(catalog, [smaller])).changes).toHaveLength(2)
      expect((await applyDefinitions(catalog, plan, { allowBreaking: true })).applied).toHaveLength(2)
      const next = featureService('next_day', [without])
      const again = await planDefinitions(catalog, [next, profileView], { models })
      expect(again.models.map(({ alias, outcome }) => [alias, outcome])).toEqual([
        ['champion', 'broken'],
        ['canary', 'broken'],
        ['challenger', 'works'],
        ['own', 'kept'],
      ])
      expect((await applyDefinitions(catalog, again)).applied).toHaveLength(1)
    }))
})

describe('renaming', () => {
  test('says that it is one and keeps the rows', () =>
    withService(async (catalog) => {
      const { writeViewState } = await import('../../src/catalog/view-state.ts')
      const { tableHash } = await import('../../src/catalog/table-hash.ts')
      await writeViewState(catalog.db, {
        view: 'customer_usage',
        covered: { hash: tableHash(usageView.plan), since: 0n, watermark: 1n },
        pending: null,
        unpublishedFrom: null,
        publishedHash: null,
        publishedTime: null,
      })
      const energy = featureView('customer_usage', {
        ...frame,
        features: (f) => ({
          energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')),
          cost: f.sum('cost').over('7d'),
        }),
        derive: (v) => ({ pace: v.energy_1d.div(v.energy_7d) }),
      })
      expect(
        (await planDefinitions(catalog, [energy, profileView, featureService('next_day', [energy, profileView])]))
          .changes[0],
      ).toMatchObject({
        action: 'change',
        consequence: 'metadata only',
        reasons: ['kwh_1d renamed to energy_1d', 'kwh_7d renamed to energy_7d'],
      })
      const moved = featureView('customer_energy', {
        ...frame,
        renamedFrom: 'customer_usage',
        features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), cost: f.sum('cost').over('7d') }),
        derive: (v) => ({ pace: v.kwh_1d.div(v.kwh_7d) }),
      })
      const plan = await planDefinitions(catalog, [moved, profileView])
      expect(
        plan.changes.map(({ action, kind, name, consequence, reasons }) => [
          action,
          kind,
          name,
          consequence,
          ...reasons,
        ]),
      ).toEqual([
        ['create', 'view', 'customer_energy', 'metadata only', 'view customer_usage renamed to customer_energy'],
        ['remove', 'service', 'next_day', 'metadata only', 'is not defined any more'],
        ['remove', 'view', 'customer_usage', 'metadata only', 'is called customer_energy now'],
      ])
      await applyDefinitions(catalog, plan)
      expect((await planDefinitions(catalog, [moved, profileView])).changes).toEqual([])
      // The same name without its past is another view.
      const other = featureView('customer_power', {
        ...frame,
        renamedFrom: 'customer_energy',
        features: (f) => ({ kwh: f.sum('kwh').over('2d') }),
      })
      expect(
        (await planDefinitions(catalog, [other, profileView])).changes.map(({ name, consequence }) => [
          name,
          consequence,
        ]),
      ).toEqual([
        ['customer_power', 'nothing stored yet'],
        ['customer_energy', 'nothing stored yet'],
      ])
    }))

  test('a view cannot take the rows of one that is still defined', () =>
    withService(async (catalog) => {
      const moved = featureView('customer_energy', {
        ...frame,
        renamedFrom: 'customer_usage',
        features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
      })
      expect(await failure(planDefinitions(catalog, [moved, usageView]))).toMatchObject({ code: 'DEFINITION_CONFLICT' })
    }))
})
