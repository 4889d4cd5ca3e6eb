import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { keptDefinitions, keptName } from '../../src/catalog/kept-definitions.ts'
import { acquireLease } from '../../src/catalog/lease.ts'
import type { LiveModel } from '../../src/catalog/live-models.ts'
import type { Definition } from '../../src/catalog/definition-change.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView, type AnyFeatureView } from '../../src/define/feature-view.ts'
import { dropRemovedViews } from '../../src/materialize/drop-removed.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { openOnlineReader } from '../../src/read/online-reader.ts'
import { addLateFacts, createMart, customer, customerUsage, errorCode, tableRows, usage } from './energy.ts'
import { inPlace } from './in-place.ts'

const quality: false = false
const [early, later] = ['2024-01-20T06:00Z', '2024-02-01T06:00Z']
const frame = { of: customer, from: usage, every: '1d', delay: '6h', repair: '3d' } as const
/** The same names, other values. */
const larger = featureView('customer_usage', {
  ...frame,
  features: (f) => ({
    kwh: f
      .sum('kwh')
      .where((r) => r.kwh.gt(3))
      .over('1d', '7d'),
    peak: f.max('kwh').over('7d'),
    readings: f.count().over('7d'),
  }),
})
const others = featureView('customer_counts', { ...frame, features: (f) => ({ readings: f.count().over('1d') }) })

const trainedOn = (view: AnyFeatureView, ...features: readonly string[]): LiveModel => ({
  model: 'm',
  alias: 'champion',
  version: 1,
  service: 's',
  fields: features.map((name) => ({ field: `${view.name}__${name}`, type: 'double' })),
  definitionHashes: { [view.name]: view.plan.hash },
})
const champion = trainedOn(customerUsage, 'kwh_7d', 'peak_7d')
const kept = keptName('customer_usage', customerUsage.plan.hash)
const keptUsage = { plan: { ...customerUsage.plan, name: kept } }

const apply = async (catalog: Catalog, models: readonly LiveModel[], ...views: readonly Definition[]) =>
  applyDefinitions(catalog, await planDefinitions(catalog, views, { models }), { allowDrop: true, allowRebuild: true })

async function read(store: OnlineStore, view: AnyFeatureView, table: string): Promise<unknown> {
  const reader = openOnlineReader({
    service: featureService('s', [view]).plan,
    store,
    stored: () => ({ tables: [table], names: new Map() }),
  })
  const vectors = await reader.read([{ customer_id: 'c1' }, { customer_id: 'c2' }])
  return [0, 1].map((row) => [vectors.featureTime(row, 0), ...[0, 1, 2, 3].map((field) => vectors.value(row, field))])
}

describe('an older definition that a live model was trained on', () => {
  test('is kept with its rows when the view is rebuilt, and gets the rows that it would have had, late facts too', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      const what = { warehouse, catalog, online, quality }
      await createMart(warehouse)
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage], now: early })
      const before = await tableRows(warehouse, customerUsage)
      const served = await read(online, customerUsage, 'customer_usage')
      const plan = await planDefinitions(catalog, [larger], { models: [champion] })
      expect(plan.models).toMatchObject([
        {
          outcome: 'kept',
          reasons: ['feature kwh_7d of view customer_usage is computed differently than when the model was trained'],
        },
      ])
      await applyDefinitions(catalog, plan, { allowRebuild: true })
      // The caller of this run does not know the models: applying has noted what they need.
      const done = await materialize({ ...what, views: [larger], now: early })
      expect(done.map(({ view, action }) => [view, action])).toEqual([
        ['customer_usage', 'rebuild'],
        [kept, 'nothing'],
      ])
      expect(await tableRows(warehouse, keptUsage)).toEqual(before)
      expect(await read(online, customerUsage, kept)).toEqual(served)
      expect(await tableRows(warehouse, larger)).not.toEqual(before)
      await addLateFacts(warehouse, '2024-01-19T09:00Z')
      await materialize({ ...what, views: [larger], models: [champion], now: later })
      const [grown, newest] = [await tableRows(warehouse, keptUsage), await read(online, customerUsage, kept)]
      // The same rows, computed as if that definition had been the only one.
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage], now: later })
      expect(await tableRows(warehouse, customerUsage)).toEqual(grown)
      expect(await read(online, customerUsage, 'customer_usage')).toEqual(newest)
    }))

  test('is not kept for models that the present definition stands for, and never twice', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      await apply(catalog, [], customerUsage)
      await materialize({ warehouse, catalog, quality, views: [customerUsage], now: early })
      const peaks = trainedOn(customerUsage, 'peak_7d')
      await apply(catalog, [peaks], larger)
      await materialize({ warehouse, catalog, quality, views: [larger], models: [peaks], now: early })
      expect(await keptDefinitions(catalog.db)).toEqual([])
      // Trained on a definition that differs in what readers apply only.
      const shortLived = featureView('customer_usage', {
        ...frame,
        ttl: '9d',
        features: (f) => ({
          kwh: f.sum('kwh').over('1d', '7d'),
          peak: f.max('kwh').over('7d'),
          readings: f.count().over('7d'),
        }),
      })
      await apply(catalog, [], shortLived)
      await apply(catalog, [champion, { ...trainedOn(shortLived, 'kwh_7d'), alias: 'challenger' }], larger)
      expect((await keptDefinitions(catalog.db)).map(({ stored }) => stored.name)).toEqual([kept])
    }))

  test('is dropped by the run after the last model has left, in the warehouse and online', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      const what = { warehouse, catalog, online, quality, now: early }
      await createMart(warehouse, 20)
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage] })
      await apply(catalog, [champion], larger)
      await materialize({ ...what, views: [larger], models: [champion] })
      await materialize({ ...what, views: [larger] })
      expect(await online.count(kept)).toBe(12)
      // Another process is computing it: that is no reason to fail, and the next run drops it.
      const held = await acquireLease(catalog, kept, 'somebody')
      await materialize({ ...what, views: [larger], models: [] })
      expect(await online.count(kept)).toBe(12)
      await held.release()
      await materialize({ ...what, views: [larger], models: [] })
      expect([
        await warehouse.introspect(`features.${kept}`),
        await warehouse.introspect(`ml.${kept}_latest`),
        await online.count(kept),
        await keptDefinitions(catalog.db),
      ]).toEqual([undefined, undefined, 0, []])
      expect(await online.count('customer_usage')).toBe(12)
    }))

  test('is kept, after the view has gone back to it, until the rows of the view have been published again', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      const what = { warehouse, catalog, online, quality, now: early, models: [champion] }
      await createMart(warehouse, 20)
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage] })
      await apply(catalog, [champion], larger)
      await materialize({ ...what, views: [larger] })
      await apply(catalog, [champion], customerUsage)
      await materialize({ ...what, views: [customerUsage] })
      expect(await online.count(kept)).toBe(12)
      expect(await read(online, customerUsage, 'customer_usage')).toEqual(await read(online, customerUsage, kept))
      await materialize({ ...what, views: [customerUsage] })
      expect([await online.count(kept), await keptDefinitions(catalog.db)]).toEqual([0, []])
    }))

  test('of a view, or a feature, that is removed is kept all the same, and goes on with runs of other views', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      const what = { warehouse, catalog, online, quality }
      await createMart(warehouse)
      await apply(catalog, [], customerUsage, others)
      await materialize({ ...what, views: [customerUsage, others], now: early })
      const before = await tableRows(warehouse, customerUsage)
      await apply(catalog, [champion], others)
      expect(await dropRemovedViews({ warehouse, catalog, online })).toEqual(['customer_usage'])
      expect(await warehouse.introspect('features.customer_usage')).toBeUndefined()
      expect(await tableRows(warehouse, keptUsage)).toEqual(before)
      expect(await online.count(kept)).toBe(12)
      const done = await materialize({ ...what, views: [others], models: [champion], now: later })
      expect(done.map(({ view, action }) => [view, action])).toEqual([
        ['customer_counts', 'write'],
        [kept, 'write'],
      ])
      expect((await tableRows(warehouse, keptUsage)).length).toBeGreaterThan(before.length)
    }))

  test('is computed from the facts when its rows are gone: an alias went back to a version of long ago', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const what = { warehouse, catalog, quality, now: early }
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage] })
      const before = await tableRows(warehouse, customerUsage)
      await apply(catalog, [], larger)
      await materialize({ ...what, views: [larger], models: [] })
      await materialize({ ...what, views: [larger], models: [champion] })
      expect(await tableRows(warehouse, keptUsage)).toEqual(before)
    }))

  test('whose source has lost a column stays as it is, the views are brought up to date, and the run says so', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const what = { warehouse, catalog, quality }
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage], now: early })
      const before = await tableRows(warehouse, customerUsage)
      const narrow = fact('mart.fact_usage', {
        columns: { customer_id: z.string(), ts: z.date() },
        entities: [customer],
        eventTime: 'ts',
      })
      const counts = featureView('customer_usage', {
        ...frame,
        from: narrow,
        features: (f) => ({ readings: f.count().over('7d') }),
      })
      await apply(catalog, [champion], counts)
      await warehouse.run(sql`ALTER TABLE mart.fact_usage DROP COLUMN kwh`)
      const failed = await materialize({ ...what, views: [counts], models: [champion], now: later }).catch(
        (error: unknown) => error,
      )
      expect(failed).toMatchObject({
        code: 'KEPT_FAILED',
        message: expect.stringContaining('customer_usage'),
        data: { kept: [kept] },
      })
      expect(await tableRows(warehouse, keptUsage)).toEqual(before)
      expect((await tableRows(warehouse, counts)).length).toBeGreaterThan(before.length)
      // Without the model, nothing is in the way.
      expect(await errorCode(materialize({ ...what, views: [counts], models: [], now: later }))).toBe('no error')
    }))

  test('ends well where a run was killed while it took the rows', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const what = { warehouse, catalog, quality, now: early }
      await apply(catalog, [], customerUsage)
      await materialize({ ...what, views: [customerUsage] })
      const before = await tableRows(warehouse, customerUsage)
      await apply(catalog, [champion], larger)
      await warehouse.run(
        sql`CREATE TABLE ${sql.id('features', kept)} AS SELECT * FROM features.customer_usage LIMIT 3`,
      )
      await materialize({ ...what, views: [larger] })
      expect(await tableRows(warehouse, keptUsage)).toEqual(before)
    }))
})
