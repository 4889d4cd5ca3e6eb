import {
  applyDefinitions,
  dropRemovedViews,
  featureService,
  featureView,
  materialize,
  planDefinitions,
  renamedFrom,
  type AnyFeatureView,
} from '@martlet/feature-store'
import { liveModels } from '@martlet/registry'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { expect, onTestFinished, test } from 'vitest'
import type { ServingApp } from '../../src/index.ts'
import { backing, type Backing } from '../support/backing.ts'
import { customerProfile, customerUsage, day, now, usage } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const keys = [{ customer_id: 'a' }]
const frame = { of: customerUsage.of, from: usage, every: '1d', ttl: '3d' } as const
/** The names that the model was trained on, and other values. */
const large = featureView('customer_usage', {
  ...frame,
  features: (f) => ({
    kwh: f
      .sum('kwh')
      .where((r) => r.kwh.gt(5))
      .over('1d', '7d'),
    peak: f.max('kwh').over('7d'),
  }),
})
const withoutPeak = featureView('customer_usage', {
  ...frame,
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
})
const energy = featureView('customer_usage', {
  ...frame,
  features: (f) => ({ energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')), peak: f.max('kwh').over('7d') }),
})
const customerEnergy = featureView('customer_energy', {
  ...frame,
  renamedFrom: 'customer_usage',
  features: (f) => ({ energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')), peak: f.max('kwh').over('7d') }),
})

// kwh_1d + 2 kwh_7d + 3 peak_7d on January 10: 1.5 + 2 · 10.25 + 3 · 8.75
const trained = 48.25

interface Story extends Backing {
  readonly warehouse: Warehouse
  readonly app: ServingApp
  clock: bigint
  apply(...views: readonly AnyFeatureView[]): Promise<void>
  run(view: AnyFeatureView): Promise<void>
  predicted(): Promise<unknown>
  served(): Promise<unknown>
}

/** A model that is live, and its view materialized from 8.75 kWh on January 5 and 1.5 on January 9. */
async function story(): Promise<Story> {
  const backed = await backing()
  const { catalog, online, registry } = backed
  const warehouse = await openDuckDb()
  onTestFinished(() => warehouse.close())
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.fact_usage AS
      SELECT * FROM (VALUES
        ('a', TIMESTAMP '2026-01-05 12:00', 8.75::DOUBLE),
        ('a', TIMESTAMP '2026-01-09 12:00', 1.5)
      ) AS v(customer_id, ts, kwh)`,
  )
  for (const table of ['customer_usage', 'customer_profile']) await online.clear(table)
  await backed.promote(await backed.register(0))
  const it: Story = {
    ...backed,
    warehouse,
    clock: now,
    app: backed.serve({ now: () => it.clock }),
    async apply(...views) {
      const plan = await planDefinitions(catalog, [...views, featureService('usage_only', [...views])], {
        models: await liveModels(registry),
      })
      await applyDefinitions(catalog, plan, { allowDrop: true, allowRebuild: true })
    },
    run: async (view) => {
      await materialize({
        warehouse,
        catalog,
        online,
        views: [view],
        models: await liveModels(registry),
        quality: false,
        now: new Date(Number(it.clock / 1000n)),
      })
    },
    async predicted() {
      const response = await post(it.app, '/v1/models/usage_model/predict', { keys })
      const { rows, code, detail } = (await response.json()) as {
        rows?: [{ prediction: { prediction: number } }]
        code?: string
        detail?: string
      }
      return rows?.[0].prediction.prediction ?? `${code}: ${detail}`
    },
    async served() {
      const { rows, code } = (await (await post(it.app, '/v1/features/usage_only', { keys })).json()) as {
        rows?: [{ values: object }]
        code?: string
      }
      return rows?.[0].values ?? code
    },
  }
  await it.apply(customerUsage)
  await it.run(customerUsage)
  return it
}

/** Each step, with what is answered before the server has looked at the catalog again, and after. */
async function throughout(it: Story, ...steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const [i, step] of [() => Promise.resolve(), ...steps].entries()) {
    await step()
    expect([i, await it.predicted()]).toEqual([i, trained])
    await it.app.refresh()
    expect([i, await it.predicted()]).toEqual([i, trained])
  }
}

test('a model keeps the values it was trained on when they change, and everyone else gets the new ones', async () => {
  const it = await story()
  await throughout(
    it,
    () => it.apply(large),
    () => it.run(large),
    () => it.run(large),
  )
  expect(await it.served()).toEqual({
    customer_usage__kwh_1d: 0,
    customer_usage__kwh_7d: 8.75,
    customer_usage__peak_7d: 8.75,
  })
  // The next day: 4 kWh more, of January 10. 4 + 2 · 14.25 + 3 · 8.75 by the definition it was trained on; nothing above 5 by the new one.
  await it.warehouse.run(sql`INSERT INTO mart.fact_usage VALUES ('a', TIMESTAMP '2026-01-10 12:00', 4.0)`)
  it.clock = now + day
  await it.run(large)
  expect(await it.predicted()).toBe(58.75)
  expect(await it.served()).toMatchObject({ customer_usage__kwh_1d: 0, customer_usage__kwh_7d: 8.75 })
}, 120_000)

test('it keeps them when a feature is removed, and when the whole view is', async () => {
  const it = await story()
  await throughout(
    it,
    () => it.apply(withoutPeak),
    () => it.run(withoutPeak),
  )
  expect(await it.served()).toEqual({ customer_usage__kwh_1d: 1.5, customer_usage__kwh_7d: 10.25 })
  const { warehouse, catalog, online } = it
  await throughout(
    it,
    () => it.apply(customerProfile),
    () => dropRemovedViews({ warehouse, catalog, online }),
  )
  expect(await online.count('customer_usage')).toBe(0)
}, 120_000)

test('it keeps them when the change is undone, and what was kept for it is gone afterwards', async () => {
  const it = await story()
  await throughout(
    it,
    () => it.apply(large),
    () => it.run(large),
    () => it.apply(customerUsage),
    () => it.run(customerUsage),
    () => it.run(customerUsage),
  )
  expect((await it.catalog.db.selectFrom('view_states').select('view').execute()).map(({ view }) => view)).toEqual([
    'customer_usage',
  ])
}, 120_000)

test('it keeps them when features and the view are renamed, without anything being kept', async () => {
  const it = await story()
  await throughout(
    it,
    () => it.apply(energy),
    () => it.run(energy),
    () => it.apply(customerEnergy),
    () => it.run(customerEnergy),
  )
  expect(await it.served()).toEqual({
    customer_energy__energy_1d: 1.5,
    customer_energy__energy_7d: 10.25,
    customer_energy__peak_7d: 8.75,
  })
  expect((await it.catalog.db.selectFrom('view_states').select('view').execute()).map(({ view }) => view)).toEqual([
    'customer_energy',
  ])
}, 120_000)

test('without its rows it is refused and the view is named; it never gets other rows', async () => {
  const it = await story()
  expect(await it.predicted()).toBe(trained)
  await it.apply(large)
  await materialize({
    warehouse: it.warehouse,
    catalog: it.catalog,
    online: it.online,
    views: [large],
    models: [],
    quality: false,
    now: new Date(Number(now / 1000n)),
  })
  // An alias names it again: it is kept from the next run on, which publishes nothing here.
  await materialize({
    warehouse: it.warehouse,
    catalog: it.catalog,
    views: [large],
    models: await liveModels(it.registry),
    quality: false,
    now: new Date(Number(now / 1000n)),
  })
  await it.app.refresh()
  expect(await it.predicted()).toMatch(
    /^MODEL_SERVICE_CHANGED: .* view customer_usage .*\. Materialize customer_usage\.$/,
  )
  expect(await it.app.ready()).toMatchObject({
    ready: false,
    checks: { 'model:usage_model': { ok: false, detail: expect.stringContaining('Materialize customer_usage') } },
  })
  await it.run(large)
  await it.app.refresh()
  expect(await it.predicted()).toBe(trained)
}, 120_000)
