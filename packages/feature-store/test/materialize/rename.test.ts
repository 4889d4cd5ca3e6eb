import { sql } from 'kysely'
import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import type { Definition } from '../../src/catalog/definition-change.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { tableHash } from '../../src/catalog/table-hash.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { renamedFrom } from '../../src/define/features/renamed-from.ts'
import { dropRemovedViews } from '../../src/materialize/drop-removed.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { openOnlineReader } from '../../src/read/online-reader.ts'
import { createMart, customer, customerUsage, tableRows, usage } from './energy.ts'
import { inPlace } from './in-place.ts'

const quality = false
const now = '2024-02-01T06:00Z'
const frame = { of: customer, from: usage, every: '1d', delay: '6h', repair: '3d' } as const
const energyNames = featureView('customer_usage', {
  ...frame,
  features: (f) => ({
    energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')),
    peak: f.max('kwh').over('7d'),
    readings: f.count().over('7d'),
  }),
})
const customerEnergy = featureView('customer_energy', {
  ...frame,
  renamedFrom: 'customer_usage',
  features: (f) => ({
    energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')),
    peak: f.max('kwh').over('7d'),
    readings: f.count().over('7d'),
  }),
})
const nothingComputed = (): never => {
  throw new Error('rows were computed')
}

const apply = async (catalog: Catalog, ...views: readonly Definition[]) =>
  applyDefinitions(catalog, await planDefinitions(catalog, views))
const asRenamed = (rows: readonly Record<string, unknown>[]) =>
  rows.map(({ kwh_1d, kwh_7d, ...rest }) => ({ ...rest, energy_1d: kwh_1d, energy_7d: kwh_7d }))
const latest = async (warehouse: Warehouse, name: string) =>
  rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.id('ml', `${name}_latest`)}`)).length
async function served(
  store: OnlineStore,
  view: typeof energyNames | typeof customerEnergy | typeof customerUsage,
): Promise<unknown> {
  const reader = openOnlineReader({ service: featureService('s', [view]).plan, store })
  const vectors = await reader.read([{ customer_id: 'c1' }, { customer_id: 'c2' }], { now: 1_706_767_200_000_000n })
  return [0, 1].map((row) => [0, 1, 2, 3].map((field) => vectors.value(row, field)))
}

describe('a rename', () => {
  test('of features computes no row, and readers see the present names, before and after the rows are published anew', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      await createMart(warehouse)
      await apply(catalog, customerUsage)
      await materialize({ warehouse, catalog, online, views: [customerUsage], quality, now })
      const rows = await tableRows(warehouse, customerUsage)
      const values = await served(online, customerUsage)
      await apply(catalog, energyNames)
      expect(await served(online, energyNames)).toEqual(values)
      const what = { warehouse, catalog, online, views: [energyNames], now }
      expect((await planMaterialization(what)).views[0]?.work).toMatchObject({ action: 'publish' })
      await materialize({ ...what, quality, compile: nothingComputed })
      expect(await tableRows(warehouse, energyNames)).toEqual(asRenamed(rows))
      expect(await served(online, energyNames)).toEqual(values)
      expect(await latest(warehouse, 'customer_usage')).toBe(12)
      expect((await readViewState(catalog.db, 'customer_usage')).covered?.hash).toBe(tableHash(energyNames.plan))
      expect(await materialize({ ...what, quality, compile: nothingComputed })).toMatchObject([{ action: 'nothing' }])
    }))

  test('of a view moves its rows, and what lies under the old name is dropped once they are there, online too', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      await createMart(warehouse)
      await apply(catalog, customerUsage)
      await materialize({ warehouse, catalog, online, views: [customerUsage], quality, now })
      const rows = await tableRows(warehouse, customerUsage)
      const values = await served(online, customerUsage)
      await apply(catalog, customerEnergy)
      expect(await served(online, customerEnergy)).toEqual(values)
      // Dropping what was removed does not drop what is awaited under another name.
      expect(await dropRemovedViews({ warehouse, catalog, online })).toEqual([])
      const what = { warehouse, catalog, online, views: [customerEnergy], now }
      expect((await planMaterialization(what)).views[0]?.work).toMatchObject({ action: 'publish' })
      await materialize({ ...what, quality, compile: nothingComputed })
      expect(await tableRows(warehouse, customerEnergy)).toEqual(asRenamed(rows))
      expect(await served(online, customerEnergy)).toEqual(values)
      expect(await latest(warehouse, 'customer_energy')).toBe(12)
      expect([
        await warehouse.introspect('features.customer_usage'),
        await warehouse.introspect('ml.customer_usage_latest'),
        await online.count('customer_usage'),
      ]).toEqual([undefined, undefined, 0])
      expect((await catalog.db.selectFrom('view_states').select('view').execute()).map(({ view }) => view)).toEqual([
        'customer_energy',
      ])
    }))

  test.for([
    ['features', energyNames],
    ['the view', customerEnergy],
  ] as const)('of %s is followed by the increments that the view would have had', ([, renamed]) =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await apply(catalog, customerUsage)
      await materialize({ warehouse, catalog, views: [customerUsage], quality, now: '2024-01-20T06:00Z' })
      await apply(catalog, renamed)
      const [done] = await materialize({ warehouse, catalog, views: [renamed], quality, now })
      expect(done).toMatchObject({ action: 'write' })
      const grown = await tableRows(warehouse, renamed)
      await materialize({ warehouse, catalog, views: [renamed], quality, now, from: '2024-01-02' })
      expect(await tableRows(warehouse, renamed)).toEqual(grown)
    }),
  )

  test('ends well wherever it was killed', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await apply(catalog, customerUsage)
      await materialize({ warehouse, catalog, views: [customerUsage], quality, now })
      const rows = asRenamed(await tableRows(warehouse, customerUsage))
      await apply(catalog, energyNames)
      await warehouse.run(sql`ALTER TABLE features.customer_usage RENAME COLUMN kwh_1d TO energy_1d`)
      await materialize({ warehouse, catalog, views: [energyNames], quality, now, compile: nothingComputed })
      expect(await tableRows(warehouse, energyNames)).toEqual(rows)
      await apply(catalog, customerEnergy)
      // The copy was made in part of its rows, or whole, and the catalog does not know it.
      await warehouse.run(sql`CREATE TABLE features.customer_energy AS SELECT * FROM features.customer_usage LIMIT 5`)
      await materialize({ warehouse, catalog, views: [customerEnergy], quality, now, compile: nothingComputed })
      expect(await tableRows(warehouse, customerEnergy)).toEqual(rows)
    }))

  test('that comes with another change computes the rows again', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      await apply(catalog, customerUsage)
      await materialize({ warehouse, catalog, views: [customerUsage], quality, now: '2024-01-19T06:00Z' })
      const both = featureView('customer_energy', {
        ...frame,
        renamedFrom: 'customer_usage',
        features: (f) => ({ energy: renamedFrom('kwh', f.sum('kwh').over('1d', '14d')) }),
      })
      await applyDefinitions(catalog, await planDefinitions(catalog, [both]), { allowDrop: true })
      const [done] = await materialize({ warehouse, catalog, views: [both], quality, now: '2024-01-19T06:00Z' })
      expect(done).toMatchObject({ action: 'write', reason: 'first run' })
      // Nothing is left of the view that it says it was.
      expect(await warehouse.introspect('features.customer_usage')).toBeUndefined()
    }))

  test('is known without a history of definitions, too, when all of it happens at once', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      await materialize({ warehouse, catalog, views: [customerUsage], quality, now: '2024-01-19T06:00Z' })
      const rows = asRenamed(await tableRows(warehouse, customerUsage))
      await materialize({
        warehouse,
        catalog,
        views: [customerEnergy],
        quality,
        now: '2024-01-19T06:00Z',
        compile: nothingComputed,
      })
      expect(await tableRows(warehouse, customerEnergy)).toEqual(rows)
    }))
})
