import { sql } from 'kysely'
import { columnBatch, ensureTable, rowsOf, type Warehouse } from '@martlet/warehouse'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { auditLog } from '../../src/catalog/audit.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { precomputed } from '../../src/define/sources/precomputed.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { addReadings, createMart, customer, customerUsage, customers, errorCode, tableRows, usage } from './energy.ts'
import { inPlace } from './in-place.ts'

const views = [customerUsage]
const quality = false
const setClock = (at: string): void => void vi.setSystemTime(new Date(at))

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2024-01-20T06:00:00Z') }))
afterEach(() => void vi.useRealTimers())

async function onlineTime(online: OnlineStore, id: string, view = 'customer_usage'): Promise<bigint | undefined> {
  const key = keyCodec(customer.plan.keys).encode({ customer_id: id })
  const [[row] = []] = await online.read([{ table: view, keys: [key] }])
  return row === undefined || row.value.length === 0 ? undefined : row.time
}

describe('a now ahead of the clock', () => {
  test('is refused, and so is an end, but not within the five minutes that clocks may differ', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 10)
      const options = { warehouse, catalog, views, quality } as const
      expect(await errorCode(materialize({ ...options, now: '2062-01-20T06:00Z' }))).toBe('AHEAD_OF_CLOCK')
      expect(await errorCode(materialize({ ...options, now: '2024-01-20T06:05:01Z' }))).toBe('AHEAD_OF_CLOCK')
      expect(await errorCode(materialize({ ...options, to: '2024-02-20' }))).toBe('AHEAD_OF_CLOCK')
      expect(await errorCode(planMaterialization({ ...options, now: '2024-01-20T06:05:01Z' }))).toBe('AHEAD_OF_CLOCK')
      expect(await catalog.db.selectFrom('runs').selectAll().execute()).toEqual([])
      const [done] = await materialize({ ...options, now: '2024-01-20T06:05:00Z' })
      expect(done).toMatchObject({ action: 'write', watermark: toMicros('2024-01-21') })
      const [again] = await materialize(options)
      expect(again).toMatchObject({ action: 'nothing' })
    }))

  test('leaves rows that the next ordinary run takes back: tables, online store and watermark are as if it had never been', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 40)
      const online = openMemoryStore()
      const options = { warehouse, catalog, online, views, quality } as const
      await materialize(options)
      const right = await tableRows(warehouse, customerUsage)
      await materialize({ ...options, now: '2024-03-01T06:00Z', allowFuture: true })
      expect(await onlineTime(online, 'c3')).toBe(toMicros('2024-03-01'))
      const [kept] = await materialize({ ...options, allowFuture: true })
      expect(kept).toMatchObject({ action: 'nothing' })

      const [planned] = (await planMaterialization(options)).views
      expect(planned?.work).toMatchObject({
        action: 'publish',
        reason:
          'removes the rows from 2024-01-21 on, which a run had written before their time, and publishes those that are right',
      })
      const [back] = await materialize(options)
      expect(back).toMatchObject({
        action: 'publish',
        published: customers,
        watermark: toMicros('2024-01-21'),
        newest: toMicros('2024-01-20'),
      })
      expect(await tableRows(warehouse, customerUsage)).toEqual(right)
      expect(await onlineTime(online, 'c3')).toBe(toMicros('2024-01-20'))
      expect((await auditLog(catalog.db, { subject: 'view:customer_usage' })).map(({ action }) => action)).toEqual([
        'go back',
      ])
      const [after] = await materialize(options)
      expect(after).toMatchObject({ action: 'nothing' })

      setClock('2024-01-22T06:00Z')
      const [next] = await materialize(options)
      expect(next).toMatchObject({ action: 'write', to: toMicros('2024-01-23') })
      expect(await onlineTime(online, 'c3')).toBe(toMicros('2024-01-22'))
    }))

  test('is noticed also when the clock has passed the rows meanwhile: they were written without the facts of their days', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const online = openMemoryStore()
      const options = { warehouse, catalog, online, views, quality } as const
      await materialize({ ...options, now: '2024-02-05T06:00Z', allowFuture: true })
      await addReadings(warehouse, 20, 39)
      setClock('2024-02-08T06:00Z')
      const [done] = await materialize(options)
      expect(done).toMatchObject({ action: 'write', to: toMicros('2024-02-09') })
      const { rows } = await freshTable(warehouse, catalog)
      expect(await tableRows(warehouse, customerUsage)).toEqual(rows)
      expect(await onlineTime(online, 'c3')).toBe(toMicros('2024-02-08'))
      const [again] = await materialize(options)
      expect(again).toMatchObject({ action: 'nothing' })
    }))

  test('takes everything back where nothing of it was right, and a store that was not at hand is emptied later', () =>
    inPlace(async ({ warehouse, catalog }) => {
      setClock('2023-12-01T00:00Z')
      await createMart(warehouse, 20)
      const online = openMemoryStore()
      const options = { warehouse, catalog, views, quality } as const
      await materialize({ ...options, online, now: '2024-01-15T06:00Z', allowFuture: true })
      const [back] = await materialize(options)
      expect(back).toMatchObject({ action: 'publish', watermark: null })
      expect(await warehouse.introspect('features.customer_usage')).toBeUndefined()
      expect(await onlineTime(online, 'c3')).toBe(toMicros('2024-01-15'))
      await materialize({ ...options, online })
      expect(await onlineTime(online, 'c3')).toBeUndefined()
      const [nothing] = await materialize({ ...options, online })
      expect(nothing).toMatchObject({ action: 'nothing' })
      setClock('2024-01-10T06:00Z')
      const [first] = await materialize({ ...options, online })
      expect(first).toMatchObject({ action: 'write', reason: 'first run' })
      expect(await onlineTime(online, 'c3')).toBe(toMicros('2024-01-10'))
    }))

  test('also where the run that had it was cut short', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 40)
      const options = { warehouse, catalog, views, quality } as const
      await materialize(options)
      const right = await tableRows(warehouse, customerUsage)
      const stop = new AbortController()
      const cut = materialize({
        ...options,
        now: '2024-03-01T06:00Z',
        allowFuture: true,
        chunk: { instants: 5 },
        signal: stop.signal,
        onProgress: ({ type }) => {
          if (type === 'chunk') stop.abort()
        },
      })
      expect(await errorCode(cut)).toBe('CANCELLED')
      expect((await tableRows(warehouse, customerUsage)).length).toBeGreaterThan(right.length)
      await materialize(options)
      expect(await tableRows(warehouse, customerUsage)).toEqual(right)
    }))

  test('takes back published rows of a table that holds features already', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await ensureTable(warehouse, {
        table: 'mart.scores',
        columns: [
          { name: 'customer_id', type: 'text' },
          { name: 'at', type: 'timestamp' },
          { name: 'score', type: 'double' },
        ],
      })
      const at = ['2024-01-10', '2024-01-30'].map((day) => new Date(day))
      await warehouse.append(
        'mart.scores',
        columnBatch({
          customer_id: { type: 'text', values: ['c3', 'c3'] },
          at: { type: 'timestamp', values: at },
          score: { type: 'double', values: [1, 2] },
        }),
      )
      const scores = precomputed('mart.scores', {
        columns: { customer_id: z.string(), at: z.date(), score: z.number() },
        entity: customer,
        time: 'at',
      })
      const view = featureView('scores', {
        of: customer,
        from: scores,
        every: '1d',
        features: (f) => ({ score: f.column('score') }),
      })
      const online = openMemoryStore()
      const options = { warehouse, catalog, online, views: [view], quality } as const
      await materialize({ ...options, now: '2024-02-10', allowFuture: true })
      expect(await onlineTime(online, 'c3', 'scores')).toBe(toMicros('2024-01-30'))
      await materialize(options)
      expect(await onlineTime(online, 'c3', 'scores')).toBe(toMicros('2024-01-10'))
      // A store that has lost its rows gets them again.
      const other = openMemoryStore()
      await materialize({ ...options, online: other })
      expect(await onlineTime(other, 'c3', 'scores')).toBe(toMicros('2024-01-10'))
    }))
})

/** What a run at the clock's time writes that has nothing to go on from. */
async function freshTable(
  warehouse: Warehouse,
  catalog: Catalog,
): Promise<{ readonly rows: readonly Record<string, unknown>[] }> {
  const view = featureView('fresh_usage', {
    of: customer,
    from: usage,
    every: '1d',
    delay: '6h',
    features: (f) => ({
      kwh: f.sum('kwh').over('1d', '7d'),
      peak: f.max('kwh').over('7d'),
      readings: f.count().over('7d'),
    }),
  })
  await materialize({ warehouse, catalog, views: [view], quality })
  return {
    rows: rowsOf(
      await warehouse.read(
        sql`SELECT customer_id, feature_time, kwh_1d, kwh_7d, peak_7d, readings_7d FROM features.fresh_usage ORDER BY 1, 2, 3, 4, 5, 6`,
      ),
    ),
  }
}
