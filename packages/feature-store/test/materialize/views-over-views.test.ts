import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { lineageOf } from '../../src/catalog/lineage.ts'
import { currentView } from '../../src/catalog/definitions.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { readViewPlan, planText } from '../../src/catalog/plan-json.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView, type AnyFeatureView } from '../../src/define/feature-view.ts'
import { renamedFrom } from '../../src/define/features/renamed-from.ts'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { findingText } from '../../src/quality/finding.ts'
import { previewRows } from '../../src/read/preview/preview.ts'
import { openOnlineReader } from '../../src/read/online-reader.ts'
import { buildTrainingSet } from '../../src/read/training-set.ts'
import { rowsOf } from '../oracle/mart-tables.ts'
import {
  addLateFacts,
  addReadings,
  createMart,
  customer,
  customerUsage,
  errorCode,
  tableRows,
  usage,
} from './energy.ts'
import { inPlace, type Place } from './in-place.ts'

const tiers = featureView('tiers', {
  of: customer,
  from: customerUsage,
  every: '1d',
  features: (v) => ({ kwh: v.kwh_7d, share_of_week: v.kwh_1d.div(v.kwh_7d) }),
  among: (v, everybody) => ({ tier: everybody.ntile(v.kwh, 4) }),
})
const weekly = featureView('weekly', {
  of: customer,
  from: [tiers, customerUsage],
  every: '7d',
  features: (v) => ({ tier: v.tiers__tier, peak: v.customer_usage__peak_7d }),
})
const all = [weekly, tiers, customerUsage] as const

const run = ({ warehouse, catalog }: Place, views: readonly AnyFeatureView[], now: string, more: object = {}) =>
  materialize({ warehouse, catalog, views, now, quality: false, ...more })

/** The rows of a view computed from nothing but facts. */
async function fresh(view: AnyFeatureView, prepare: (place: Place) => Promise<void>, now: string): Promise<unknown> {
  let rows: unknown
  await inPlace(async (place) => {
    await prepare(place)
    await run(place, [view], now)
    rows = await tableRows(place.warehouse, view)
  })
  return rows
}

test('views are written after those that they read, and rows are the same from tables and from facts', () =>
  inPlace(async (place) => {
    await createMart(place.warehouse)
    const done = await run(place, all, '2024-02-01')
    expect(done.map(({ view, action }) => [view, action])).toEqual([
      ['weekly', 'write'],
      ['tiers', 'write'],
      ['customer_usage', 'write'],
    ])
    const runs = await place.catalog.db.selectFrom('runs').select('view').orderBy('started_at').execute()
    expect(runs.map(({ view }) => view)).toEqual(['customer_usage', 'tiers', 'weekly'])
    for (const view of [tiers, weekly])
      expect(await tableRows(place.warehouse, view)).toEqual(
        await fresh(view, ({ warehouse }) => createMart(warehouse), '2024-02-01'),
      )
  }))

test('rows that a table has are read from it, and those that it lacks are computed, chunk by chunk', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createMart(warehouse)
    await run(place, [customerUsage], '2024-01-20T06:00:00Z')
    await warehouse.run(sql`UPDATE features.customer_usage SET kwh_7d = -1`)
    // Of the last three days facts may still come, and the table ends on January 20. A chunk is read, or computed.
    await run(place, [tiers], '2024-01-25T06:00:00Z', { chunk: { instants: 5 } })
    const kwh = (await tableRows(warehouse, tiers))
      .filter(({ customer_id: id }) => id === 'c1')
      .map((row) => row['kwh'])
    expect(kwh.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => -1))
    expect(kwh.slice(15).every((value) => Number(value) > 0)).toBe(true)
    expect(kwh).toHaveLength(24)
    // A table of another definition is not read.
    const other = featureView('customer_usage', {
      of: customer,
      from: usage,
      every: '1d',
      delay: '6h',
      features: (f) => ({ kwh: f.sum('kwh').over('6d'), peak: f.max('kwh').over('7d') }),
    })
    const overOther = featureView('over_other', {
      of: customer,
      from: other,
      every: '1d',
      features: (v) => ({ kwh: v.kwh_6d }),
    })
    await run(place, [overOther], '2024-01-20T06:00:00Z')
    expect((await tableRows(warehouse, overOther)).every((row) => Number(row['kwh']) >= 0)).toBe(true)
  }))

test('late facts within repair of a view that is read are repaired in the view over it', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createMart(warehouse, 20)
    await run(place, all, '2024-01-20T07:00:00Z')
    await addReadings(warehouse, 20, 22)
    await addLateFacts(warehouse, '2024-01-17T12:00:00Z')
    await run(place, all, '2024-01-22T07:00:00Z')
    const again =
      (days: number) =>
      async ({ warehouse: other }: Place): Promise<void> => {
        await createMart(other, days)
        await addLateFacts(other, '2024-01-17T12:00:00Z')
      }
    expect(await tableRows(warehouse, tiers)).toEqual(await fresh(tiers, again(22), '2024-01-22T07:00:00Z'))
    // Rows are written again when there are new ones.
    await addReadings(warehouse, 22, 26)
    await run(place, all, '2024-01-26T07:00:00Z')
    for (const view of [tiers, weekly])
      expect(await tableRows(warehouse, view)).toEqual(await fresh(view, again(26), '2024-01-26T07:00:00Z'))
  }))

test('facts later than repair are a finding of the view over it as well, and its rows are right after they are written again', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createMart(warehouse, 20)
    await run(place, [tiers, customerUsage], '2024-01-20T07:00:00Z')
    await addReadings(warehouse, 20, 22)
    await addLateFacts(warehouse, '2024-01-04T12:00:00Z')
    const changed = async (views: readonly AnyFeatureView[], now: string, more: object = {}) =>
      (await run(place, views, now, more)).flatMap(({ findings }) => findings.map(findingText))
    const says = (view: string, from: string, tiles: number): unknown =>
      expect.stringContaining(
        `has changed since rows of features.${view} were written; \`martlet materialize ${view} --from ${from}\` writes ` +
          `those again that may differ: ${tiles} tiles of 12 entities changed`,
      )
    expect(await changed([tiers, customerUsage], '2024-01-22T07:00:00Z')).toEqual([
      says('tiers', '2024-01-05', 12),
      says('customer_usage', '2024-01-05', 12),
    ])
    // Its rows are computed from the facts where those of the other view are from before the change.
    expect(await changed([tiers], '2024-01-22T08:00:00Z', { from: '2024-01-05' })).toEqual([])
    const again = async ({ warehouse: other }: Place): Promise<void> => {
      await createMart(other, 22)
      await addLateFacts(other, '2024-01-04T12:00:00Z')
    }
    expect(await tableRows(warehouse, tiers)).toEqual(await fresh(tiers, again, '2024-01-22T07:00:00Z'))
    await addReadings(warehouse, 22, 23)
    expect(await changed([tiers, customerUsage], '2024-01-23T07:00:00Z')).toEqual([
      says('customer_usage', '2024-01-05', 12),
    ])
    expect(await changed([customerUsage], '2024-01-23T08:00:00Z', { from: '2024-01-05' })).toEqual([])
  }))

test('a view is skipped when one that it reads fails, whether or not it reads its rows', () =>
  inPlace(async (place) => {
    const { warehouse, catalog } = place
    await createMart(warehouse, 5)
    await warehouse.run(sql`UPDATE mart.fact_usage SET kwh = -1 WHERE customer_id = 'c1'`)
    const failed = materialize({ warehouse, catalog, views: all, now: '2024-01-06' })
    expect(await errorCode(failed)).toBe('MATERIALIZE_FAILED')
    await expect(failed).rejects.toThrow('tiers: skipped, because it reads view customer_usage, which failed')
    // By itself it checks the facts that it is computed from.
    expect(await errorCode(materialize({ warehouse, catalog, views: [tiers], now: '2024-01-06' }))).toBe(
      'QUALITY_FAILED',
    )
  }))

test('source rows are checked once in a run', () =>
  inPlace(async (place) => {
    const { warehouse, catalog } = place
    await createMart(warehouse, 5)
    const events: MaterializeEvent[] = []
    const onProgress = (event: MaterializeEvent): void => void events.push(event)
    await materialize({ warehouse, catalog, views: all, now: '2024-01-06', onProgress })
    const scanned = events.flatMap((event) => (event.type === 'quality' ? [[event.view, event.scanned.length]] : []))
    expect(scanned).toEqual([
      ['customer_usage', 1],
      ['tiers', 0],
      ['weekly', 0],
    ])
  }))

test('a plan says where rows come from', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse, 5)
    const plan = await planMaterialization({ warehouse, catalog, views: all, now: '2024-01-06' })
    expect(plan.views.map(({ view, instants }) => [view.name, instants])).toEqual([
      ['weekly', 1],
      ['tiers', 4],
      ['customer_usage', 4],
    ])
    expect(plan.views[1]?.choice?.reason).toMatch(/^rows of customer_usage where their tables have them, otherwise /)
    await warehouse.run(sql`DELETE FROM mart.fact_usage`)
    const none = await planMaterialization({ warehouse, catalog, views: [tiers], now: '2024-01-06' })
    expect(none.views[0]?.work).toEqual({
      action: 'nothing',
      reason: 'nothing has rows that customer_usage would be computed from',
    })
  }))

test('renaming a view that is read, and its features, leaves the rows of the view over it as they are', () =>
  inPlace(async (place) => {
    const { warehouse, catalog } = place
    await createMart(warehouse, 12)
    const over = (from: AnyFeatureView, column: string): AnyFeatureView =>
      featureView('over', {
        of: customer,
        from,
        every: '1d',
        features: (v) => ({ kwh: (v as Readonly<Record<string, never>>)[column] }),
      })
    const before = over(customerUsage, 'kwh_7d')
    await applyDefinitions(catalog, await planDefinitions(catalog, [customerUsage, before]))
    await run(place, [customerUsage, before], '2024-01-10T06:00:00Z')
    const rows = await tableRows(warehouse, before)
    const renamed = featureView('consumption', {
      of: customer,
      from: usage,
      every: '1d',
      delay: '6h',
      repair: '3d',
      renamedFrom: 'customer_usage',
      features: (f) => ({
        energy: renamedFrom('kwh', f.sum('kwh').over('1d', '7d')),
        peak: f.max('kwh').over('7d'),
        readings: f.count().over('7d'),
      }),
    })
    const after = over(renamed, 'energy_7d')
    expect(after.plan.hash).toBe(before.plan.hash)
    const plan = await planDefinitions(catalog, [renamed, after])
    expect(plan.changes.map(({ name, consequence }) => [name, consequence])).toEqual([
      ['consumption', 'metadata only'],
      ['over', 'metadata only'],
      ['customer_usage', 'metadata only'],
    ])
    await applyDefinitions(catalog, plan)
    const done = await run(place, [renamed, after], '2024-01-11T06:00:00Z')
    expect(done.map(({ view, action }) => [view, action])).toEqual([
      ['consumption', 'write'],
      ['over', 'write'],
    ])
    expect(
      (await tableRows(warehouse, after)).filter((row) => Number(row['feature_time']) <= Date.UTC(2024, 0, 10)),
    ).toEqual(rows)
    expect(await tableRows(warehouse, after)).toEqual(
      await fresh(before, ({ warehouse: other }) => createMart(other, 12), '2024-01-11T06:00:00Z'),
    )
    expect(await lineageOf(catalog.db, { kind: 'feature', name: 'over.kwh' }, 'upstream')).toContainEqual({
      kind: 'feature',
      name: 'consumption.energy_7d',
    })
  }))

test('the catalog keeps what a view reads, follows it to the mart, and says what changed in it', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse, 5)
    // The view that is read counts as given.
    await applyDefinitions(catalog, await planDefinitions(catalog, [tiers]))
    expect((await currentView(catalog.db, 'customer_usage'))?.plan).toEqual(customerUsage.plan)
    expect((await currentView(catalog.db, 'tiers'))?.plan).toEqual(tiers.plan)
    expect(await planDefinitions(catalog, [tiers])).toMatchObject({ changes: [], unchanged: 2 })
    expect(await lineageOf(catalog.db, { kind: 'feature', name: 'tiers.tier' }, 'upstream')).toEqual([
      { kind: 'feature', name: 'tiers.kwh' },
      { kind: 'feature', name: 'customer_usage.kwh_7d' },
      { kind: 'column', name: 'mart.fact_usage.kwh' },
      { kind: 'column', name: 'mart.fact_usage.ts' },
    ])
    expect(await lineageOf(catalog.db, { kind: 'column', name: 'mart.fact_usage.kwh' }, 'downstream')).toContainEqual({
      kind: 'feature',
      name: 'tiers.tier',
    })
    const slower = featureView('customer_usage', {
      of: customer,
      from: usage,
      every: '1d',
      delay: '8h',
      repair: '3d',
      features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
    })
    const over = featureView('tiers', {
      of: customer,
      from: slower,
      every: '1d',
      delay: '6h',
      features: (v) => ({ kwh: v.kwh_7d, share_of_week: v.kwh_1d.div(v.kwh_7d) }),
      among: (v, everybody) => ({ tier: everybody.ntile(v.kwh, 4) }),
    })
    const { changes } = await planDefinitions(catalog, [over])
    expect(changes.find(({ name }) => name === 'tiers')?.reasons).toEqual([
      'view customer_usage: delay 6h → 8h',
      'view customer_usage: peak_7d removed',
      'view customer_usage: readings_7d removed',
    ])
    await expect(planDefinitions(catalog, [over, customerUsage])).rejects.toThrow(
      'Two different definitions are called view customer_usage',
    )
  }))

test('a stored plan in which a view reads itself is refused', () => {
  const { plan } = tiers
  const source = { ...plan.source, views: [{ ...customerUsage.plan, name: 'tiers' }] }
  const text = planText(Object.assign({ ...plan }, { source }))
  expect(() => readViewPlan(text, 'view tiers revision 1')).toThrow('at source: the view reads itself: tiers → tiers')
  expect(readViewPlan(planText(weekly.plan), 'view weekly revision 1')).toEqual(weekly.plan)
})

test('a service serves both views, offline as online, and a preview shows the row', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await using online = openMemoryStore()
    await createMart(warehouse, 12)
    const now = '2024-01-10T09:00:00Z'
    await materialize({ warehouse, catalog, online, views: all, now, quality: false })
    const service = featureService('both', [customerUsage.pick('kwh_7d'), tiers, weekly])
    const keys = ['c3', 'c7', 'nobody']
    const at = sql`CAST('2024-01-10 09:00:00' AS ${warehouse.leaves.columnType('timestamp')})`
    const spine = {
      query: sql`SELECT v.id AS customer_id, ${at} AS at FROM (VALUES ('c3'), ('c7'), ('nobody')) AS v(id)`,
    }
    const sets = []
    for (const from of ['facts', 'tiles', 'materialized'] as const)
      sets.push(rowsOf(await (await buildTrainingSet({ warehouse, catalog, service, spine, time: 'at', from })).read()))
    expect(sets[1]).toEqual(sets[0])
    expect(sets[2]).toEqual(sets[0])
    const vectors = await openOnlineReader({ service: service.plan, store: online }).read(
      keys.map((customer_id) => ({ customer_id })),
      { now: toMicros(now) },
    )
    const served = keys.map((_, i) => vectors.fields.map((__, field) => number(vectors.value(i, field))))
    expect(served).toEqual(sets[0]?.map((row) => vectors.fields.map(({ name }) => row[name] ?? null)))
    expect(sets[0]?.[0]).toMatchObject({
      tiers__kwh: sets[0]?.[0]?.['both'] ?? sets[0]?.[0]?.['customer_usage__kwh_7d'],
    })
    const { rows } = await previewRows({
      warehouse,
      view: tiers,
      keys: [{ customer_id: 'c3' }],
      at: now,
      features: ['kwh'],
    })
    expect(rows[0]?.features.map(({ name, words, value }) => [name, words, number(value)])).toEqual([
      ['kwh', 'kwh_7d', sets[0]?.[0]?.['tiers__kwh']],
      ['share_of_week', '(kwh_1d / kwh_7d)', sets[0]?.[0]?.['tiers__share_of_week']],
      ['tier', 'ntile(4) of kwh among everybody', sets[0]?.[0]?.['tiers__tier']],
    ])
    expect((await readViewState(catalog.db, 'tiers')).covered?.watermark).toBe(BigInt(Date.UTC(2024, 0, 11)) * 1000n)
  }))

function number(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
