import { describe, expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { auditLog } from '../../src/catalog/audit.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { currentDefinitions, currentView, history } from '../../src/catalog/definitions.ts'
import { lineageOf } from '../../src/catalog/lineage.ts'
import type { Definition } from '../../src/catalog/definition-change.ts'
import { definitionsPlanText, planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { writeViewState } from '../../src/catalog/view-state.ts'
import { tableHash } from '../../src/catalog/table-hash.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { customer, customers, definitions, profileView, service, tomorrow, usage, usageView } from './definitions.ts'
import { failure, runWorker, withCatalog } from './scratch.ts'

const apply = async (catalog: Catalog, wanted: readonly Definition[], options = {}) =>
  applyDefinitions(catalog, await planDefinitions(catalog, wanted), options)

/** As if the view had been materialized. */
const withRows = (catalog: Catalog) =>
  writeViewState(catalog.db, {
    view: 'customer_usage',
    covered: { hash: tableHash(usageView.plan), since: 0n, watermark: 1n },
    pending: null,
    unpublishedFrom: null,
    publishedHash: null,
    publishedTime: null,
  })

describe('planning', () => {
  test('what is new is created, what is the same is left', () =>
    withCatalog(async (catalog) => {
      const plan = await planDefinitions(catalog, definitions)
      expect(plan.changes.map(({ action, kind, name, consequence }) => [action, kind, name, consequence])).toEqual([
        ['create', 'view', 'customer_usage', 'nothing stored yet'],
        ['create', 'view', 'customer_profile', 'nothing stored yet'],
        ['create', 'service', 'next_day', 'nothing stored yet'],
        ['create', 'label', 'kwh_tomorrow', 'nothing stored yet'],
      ])
      await applyDefinitions(catalog, plan)
      expect(definitionsPlanText(await planDefinitions(catalog, definitions))).toBe('nothing to apply, 4 unchanged')
    }))

  test('a change says in words what differs and what follows', () =>
    withCatalog(async (catalog) => {
      await apply(catalog, [usageView])
      await withRows(catalog)
      const changed = featureView('customer_usage', {
        of: customer,
        from: usage,
        every: '1d',
        delay: '2h',
        population: customers,
        owner: 'grid',
        tags: ['demo'],
        description: 'How much a customer uses',
        features: (f) => ({
          kwh: f.sum('kwh').over('1d', '7d', '28d'),
          unit_cost: f.ratio(f.sum('cost'), f.sum('kwh')).over('7d'),
        }),
      })
      const plan = await planDefinitions(catalog, [changed])
      expect(plan.changes[0]).toMatchObject({
        action: 'change',
        consequence: 'drops columns',
        reasons: [
          'delay 6h → 2h',
          'population whoever has a fact → mart.dim_customer',
          'kwh_1d sum(kwh where (ts > 2020-01-01T00:00:00.000Z)) over 1d → sum(kwh) over 1d',
          'kwh_7d sum(kwh where (ts > 2020-01-01T00:00:00.000Z)) over 7d → sum(kwh) over 7d',
          'kwh_28d added: sum(kwh) over 28d',
          'momentum removed',
          'owner changed',
        ],
      })
    }))

  test.for([
    ['adds columns', { delay: '6h', more: true, ttl: undefined, owner: 'energy' }],
    ['needs rebuild', { delay: '2h', more: true, ttl: undefined, owner: 'energy' }],
    ['metadata only', { delay: '6h', more: false, ttl: '9d', owner: 'energy' }],
    ['metadata only', { delay: '6h', more: false, ttl: undefined, owner: 'somebody' }],
  ] as const)('%s', ([consequence, { delay, more, ttl, owner }]) =>
    withCatalog(async (catalog) => {
      const frame = { of: customer, from: usage, every: '1d' } as const
      await apply(catalog, [
        featureView('customer_usage', {
          ...frame,
          delay: '6h',
          owner: 'energy',
          features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
        }),
      ])
      await withRows(catalog)
      const now = { ...frame, delay, owner, ...(ttl === undefined ? {} : { ttl }) }
      const wanted = more
        ? featureView('customer_usage', {
            ...now,
            features: (f) => ({ kwh: f.sum('kwh').over('1d'), cost: f.sum('cost').over('1d') }),
          })
        : featureView('customer_usage', { ...now, features: (f) => ({ kwh: f.sum('kwh').over('1d') }) })
      const { changes } = await planDefinitions(catalog, [wanted])
      expect(changes.map((change) => change.consequence)).toEqual([consequence])
    }),
  )

  test('what is not given any more is removed, or kept when asked', () =>
    withCatalog(async (catalog) => {
      await apply(catalog, definitions)
      const plan = await planDefinitions(catalog, [service])
      expect(plan.changes.map(({ action, name }) => [action, name])).toEqual([
        ['change', 'customer_usage'],
        ['remove', 'kwh_tomorrow'],
      ])
      expect((await planDefinitions(catalog, [profileView], { missing: 'keep' })).changes).toEqual([])
    }))

  test('two definitions of one name are refused', () =>
    withCatalog(async (catalog) => {
      const other = featureView('customer_usage', {
        of: customer,
        from: usage,
        every: '1h',
        features: (f) => ({ n: f.count().over('1h') }),
      })
      expect(await failure(planDefinitions(catalog, [usageView, other]))).toMatchObject({ code: 'DEFINITION_CONFLICT' })
    }))
})

describe('applying', () => {
  test('nothing that has rows is dropped or rebuilt unless it is allowed', () =>
    withCatalog(async (catalog) => {
      const frame = { of: customer, from: usage, every: '1d' } as const
      const first = featureView('customer_usage', {
        ...frame,
        delay: '6h',
        features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
      })
      const later = featureView('customer_usage', {
        ...frame,
        delay: '12h',
        features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
      })
      const fewer = featureView('customer_usage', {
        ...frame,
        delay: '12h',
        features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
      })
      await apply(catalog, [first, profileView])
      await withRows(catalog)
      expect(await failure(apply(catalog, [profileView]))).toMatchObject({
        code: 'APPLY_REFUSED',
        message: expect.stringContaining('view customer_usage drops data'),
      })
      expect(await failure(apply(catalog, [later, profileView], { allowDrop: true }))).toMatchObject({
        code: 'APPLY_REFUSED',
        message: expect.stringContaining('delay 6h → 12h'),
      })
      expect(await currentView(catalog.db, 'customer_usage')).toMatchObject({ hash: first.plan.hash })
      await apply(catalog, [later, profileView], { allowRebuild: true })
      expect(await failure(apply(catalog, [fewer, profileView], { allowRebuild: true }))).toMatchObject({
        code: 'APPLY_REFUSED',
        message: expect.stringContaining('kwh_7d removed'),
      })
      expect(await currentView(catalog.db, 'customer_usage')).toMatchObject({ hash: later.plan.hash })
      await apply(catalog, [profileView], { allowDrop: true })
      expect(await currentView(catalog.db, 'customer_usage')).toBeUndefined()
    }))

  test('every revision is kept, with who applied it', () =>
    withCatalog(async (catalog) => {
      await apply(catalog, [profileView], { actor: 'ada' })
      const renamed = featureView('customer_profile', {
        of: customer,
        from: customers,
        every: '1d',
        description: 'Who they are',
        features: (f) => ({ segment: f.attribute('segment') }),
      })
      await apply(catalog, [renamed], { actor: 'bob' })
      await apply(catalog, [], { actor: 'cid' })
      await apply(catalog, [profileView], { actor: 'dee' })
      const revisions = await history(catalog.db, 'view', 'customer_profile')
      expect(
        revisions.map(({ revision, state, appliedBy, description }) => [revision, state, appliedBy, description]),
      ).toEqual([
        [4, 'applied', 'dee', null],
        [3, 'removed', 'cid', 'Who they are'],
        [2, 'applied', 'bob', 'Who they are'],
        [1, 'applied', 'ada', null],
      ])
      expect(revisions[0]?.plan).toEqual(profileView.plan)
      expect(
        (await auditLog(catalog.db, { subject: 'view:customer_profile' })).map(({ action, actor }) => [action, actor]),
      ).toEqual([
        ['apply', 'dee'],
        ['remove', 'cid'],
        ['apply', 'bob'],
        ['apply', 'ada'],
      ])
    }))

  test('plans come back as they were written', () =>
    withCatalog(async (catalog) => {
      await apply(catalog, definitions)
      const plans = (await currentDefinitions(catalog.db)).map(({ plan }) => plan)
      expect(plans).toEqual([tomorrow.plan, service.plan, profileView.plan, usageView.plan])
    }))

  test('a plan that this version does not know is refused by name', () =>
    withCatalog(async (catalog) => {
      await catalog.db
        .insertInto('definitions')
        .values({
          kind: 'view',
          name: 'odd',
          revision: 1,
          state: 'applied',
          hash: 'x',
          plan: JSON.stringify({ ...usageView.plan, features: [{ kind: 'spectrum' }] }),
          description: null,
          owner: null,
          tags: '[]',
          applied_at: '2024-01-01T00:00:00.000000Z',
          applied_by: 'a newer version',
        })
        .execute()
      expect(await failure(currentDefinitions(catalog.db))).toMatchObject({
        code: 'CATALOG_PLAN_UNREADABLE',
        message: expect.stringContaining('view odd revision 1'),
      })
    }))

  test('a plan that somebody has overtaken is refused, and one that somebody has carried out is done', () =>
    withCatalog(async (catalog) => {
      const mine = await planDefinitions(catalog, [usageView])
      const same = await planDefinitions(catalog, [usageView])
      const other = featureView('customer_usage', {
        of: customer,
        from: usage,
        every: '1h',
        features: (f) => ({ n: f.count().over('1h') }),
      })
      const theirs = await planDefinitions(catalog, [other])
      await applyDefinitions(catalog, mine)
      expect((await applyDefinitions(catalog, same)).applied).toEqual([])
      expect(await failure(applyDefinitions(catalog, theirs))).toMatchObject({ code: 'CATALOG_CHANGED' })
    }))

  test(
    'processes that apply the same definitions at once write each of them once',
    () =>
      withCatalog(async (catalog, path) => {
        const results = await Promise.all(
          Array.from({ length: 4 }, (_, index) => runWorker('./apply-worker.ts', path, `actor ${index}`)),
        )
        expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0])
        expect(results.map(({ output }) => Number(output)).toSorted()).toEqual([0, 0, 0, definitions.length])
        expect((await currentDefinitions(catalog.db)).map(({ revision }) => revision)).toEqual([1, 1, 1, 1])
        expect(await auditLog(catalog.db)).toHaveLength(definitions.length)
      }),
    60_000,
  )
})

describe('lineage', () => {
  test('leads from a column to the services that read it, and back', () =>
    withCatalog(async (catalog) => {
      await apply(catalog, definitions)
      const names = async (kind: string, name: string, direction: 'downstream' | 'upstream') =>
        (await lineageOf(catalog.db, { kind, name }, direction)).map((node) => `${node.kind} ${node.name}`)
      expect(await names('column', 'mart.fact_usage.cost', 'downstream')).toEqual([
        'feature customer_usage.unit_cost_7d',
        'service next_day',
      ])
      expect(await names('feature', 'customer_usage.momentum', 'upstream')).toEqual([
        'feature customer_usage.kwh_1d',
        'feature customer_usage.kwh_7d',
        'column mart.fact_usage.kwh',
        'column mart.fact_usage.ts',
      ])
      expect(await names('label', 'kwh_tomorrow', 'upstream')).toEqual([
        'column mart.fact_usage.kwh',
        'column mart.fact_usage.ts',
      ])
    }))

  test('follows the newest revision', () =>
    withCatalog(async (catalog) => {
      await apply(catalog, definitions)
      await apply(catalog, [usageView, featureService('next_day', [usageView.pick('momentum')])])
      expect(await lineageOf(catalog.db, { kind: 'service', name: 'next_day' }, 'upstream')).toContainEqual({
        kind: 'feature',
        name: 'customer_usage.momentum',
      })
      expect(await lineageOf(catalog.db, { kind: 'column', name: 'mart.dim_customer.segment' }, 'downstream')).toEqual(
        [],
      )
    }))
})
