import { sql } from 'kysely'
import { dropTable, rowsOf, type Sql, type Warehouse } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { tableHash } from '../../src/catalog/table-hash.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { featureView } from '../../src/define/feature-view.ts'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { sideTable } from '../../src/materialize/feature-table.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { materializationPlanText } from '../../src/materialize/plan-text.ts'
import {
  addLateFacts,
  changedUsage,
  createMart,
  customer,
  customerUsage,
  customers,
  errorCode,
  tableRows,
  usage,
} from './energy.ts'
import { inPlace } from './in-place.ts'

const views = [customerUsage]
const quality = false
const dayOf = ({ leaves }: Warehouse): Sql => leaves.datePart('dayOfMonth', sql`feature_time`)

describe('a definition that has changed', () => {
  test('rebuilds into the new shape when the definition has changed, and readers see one shape or the other', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const now = '2024-02-01T06:00Z'
      await materialize({ warehouse, catalog, views, quality, now })
      const before = await tableRows(warehouse, customerUsage)
      const seen: unknown[] = []
      const prepare = async (): Promise<void> => {
        seen.push(await tableRows(warehouse, customerUsage))
      }
      const plan = await planMaterialization({ warehouse, catalog, views: [changedUsage], now })
      expect(materializationPlanText(plan)).toContain('the definition changed')
      const [done] = await materialize({
        warehouse,
        catalog,
        views: [changedUsage],
        quality,
        now,
        chunk: { instants: 8 },
        prepare,
      })
      expect(done).toMatchObject({ action: 'rebuild', from: toMicros('2024-01-02'), to: toMicros('2024-02-02') })
      expect(seen).toEqual([before, before, before, before])
      const columns = (await warehouse.introspect('features.customer_usage'))?.map(({ name }) => name)
      expect(columns).toEqual(['customer_id', 'feature_time', 'kwh_1d', 'kwh_14d', 'peak_7d', 'silent', 'run_id'])
      expect(await warehouse.introspect(sideTable('customer_usage', tableHash(changedUsage.plan)))).toBeUndefined()
      const [fresh] = await materialize({
        warehouse,
        catalog,
        views: [changedUsage],
        quality,
        now: '2024-02-02T06:00Z',
      })
      expect(fresh).toMatchObject({ action: 'write', from: toMicros('2024-01-30') })
    }))

  test.runIf(testEngine !== 'duckdb')('clusters its table by key and time, also one that a rebuild has replaced', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 10)
      for (const view of [customerUsage, changedUsage]) {
        await materialize({ warehouse, catalog, views: [view], quality, now: '2024-01-09T06:00Z' })
        const [table] = rowsOf<{ key: string }>(
          await warehouse.read(
            sql`
              SELECT clustering_key AS ${sql.id('key')}
              FROM information_schema.tables
              WHERE table_schema = 'FEATURES' AND table_name = 'CUSTOMER_USAGE'
            `,
          ),
        )
        expect(table?.key.replaceAll('"', '')).toBe('LINEAR(CUSTOMER_ID, FEATURE_TIME)')
      }
    }),
  )

  test('rebuilds rows that have the same columns as before, and takes the side table away', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const now = '2024-01-19T06:00Z'
      const large = featureView('customer_usage', {
        of: customer,
        from: usage,
        every: '1d',
        delay: '6h',
        repair: '3d',
        features: (f) => ({
          kwh: f
            .sum('kwh')
            .where((r) => r.kwh.gt(3))
            .over('1d', '7d'),
          peak: f.max('kwh').over('7d'),
          readings: f.count().over('7d'),
        }),
      })
      await materialize({ warehouse, catalog, views: [large], quality, now })
      const expected = await tableRows(warehouse, large)
      await dropTable(warehouse, 'features.customer_usage')
      await materialize({ warehouse, catalog, views: [customerUsage], quality, now })
      expect(await tableRows(warehouse, customerUsage)).not.toEqual(expected)
      const [done] = await materialize({ warehouse, catalog, views: [large], quality, now })
      expect(done?.action).toBe('rebuild')
      expect(await tableRows(warehouse, large)).toEqual(expected)
      expect(await warehouse.introspect(sideTable('customer_usage', tableHash(large.plan)))).toBeUndefined()
    }))

  test('does not rebuild for a ttl, which only readers apply', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const now = '2024-02-01T06:00Z'
      await materialize({ warehouse, catalog, views, quality, now })
      const shortLived = featureView('customer_usage', {
        of: customer,
        from: usage,
        every: '1d',
        delay: '6h',
        repair: '3d',
        ttl: '4d',
        features: (f) => ({
          kwh: f.sum('kwh').over('1d', '7d'),
          peak: f.max('kwh').over('7d'),
          readings: f.count().over('7d'),
        }),
      })
      const [done] = await materialize({ warehouse, catalog, views: [shortLived], quality, now })
      expect(done?.action).toBe('nothing')
    }))

  test('writes the rows again when the table has gone', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const now = '2024-02-01T06:00Z'
      await materialize({ warehouse, catalog, views, quality, now, from: '2024-01-10' })
      const before = await tableRows(warehouse, customerUsage)
      await warehouse.run(sql`DROP VIEW ml.customer_usage_latest`)
      await warehouse.run(sql`DROP TABLE features.customer_usage`)
      const [done] = await materialize({ warehouse, catalog, views, quality, now })
      expect(done?.reason).toContain('is missing')
      expect(await tableRows(warehouse, customerUsage)).toEqual(before)
    }))
})

describe('a run that was interrupted', () => {
  test('goes on after it was cancelled, without doing finished chunks again', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const now = '2024-02-01T06:00Z'
      const stop = new AbortController()
      let chunks = 0
      const onProgress = (event: MaterializeEvent): void => {
        if (event.type === 'chunk' && ++chunks === 3) stop.abort()
      }
      expect(
        await errorCode(
          materialize({
            warehouse,
            catalog,
            views,
            quality,
            now,
            chunk: { instants: 4 },
            onProgress,
            signal: stop.signal,
          }),
        ),
      ).toBe('CANCELLED')
      expect((await readViewState(catalog.db, 'customer_usage')).covered).toBeNull()
      const [done] = await materialize({ warehouse, catalog, views, quality, now, chunk: { instants: 4 } })
      expect(done).toMatchObject({ from: toMicros('2024-01-14'), to: toMicros('2024-02-02') })
      const runs = (await listRuns(catalog.db)).map(({ outcome, rows }) => [outcome, rows])
      expect(runs.toSorted()).toEqual([
        ['failed', 12 * customers],
        ['succeeded', 19 * customers],
      ])
      expect(
        rowsOf(await warehouse.read(sql`SELECT COUNT(DISTINCT feature_time) AS n FROM features.customer_usage`)),
      ).toEqual([{ n: 31 }])
    }))

  test('a chunk that is interrupted in the middle is not written at all', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const stop = new AbortController()
      let chunks = 0
      const prepare = async (): Promise<void> => {
        if (++chunks === 3) stop.abort()
      }
      const options = { warehouse, catalog, views, quality, now: '2024-02-01T06:00Z', chunk: { instants: 4 } } as const
      await expect(materialize({ ...options, prepare, signal: stop.signal })).rejects.toThrow(
        expect.objectContaining({
          code: 'CANCELLED',
          message: expect.stringContaining('Everything before 2024-01-10 is written'),
        }),
      )
      expect(rowsOf(await warehouse.read(sql`SELECT MAX(feature_time) AS last FROM features.customer_usage`))).toEqual([
        { last: new Date('2024-01-09') },
      ])
      expect((await listRuns(catalog.db)).map(({ outcome, rows }) => [outcome, rows])).toEqual([
        ['failed', 8 * customers],
      ])
      expect((await materialize(options))[0]).toMatchObject({ from: toMicros('2024-01-10') })
    }))

  test('late facts that came in after an interrupted run are in the rows when it goes on', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await materialize({ warehouse, catalog, views, quality, now: '2024-01-20T06:00Z' })
      const stop = new AbortController()
      let chunks = 0
      const onProgress = (event: MaterializeEvent): void => {
        if (event.type === 'chunk' && ++chunks === 8) stop.abort()
      }
      // January 18 to 26: eight of nine instants are written, when facts come in that are less than three days late.
      expect(
        await errorCode(
          materialize({
            warehouse,
            catalog,
            views,
            quality,
            now: '2024-01-26T06:00Z',
            chunk: { instants: 1 },
            onProgress,
            signal: stop.signal,
          }),
        ),
      ).toBe('CANCELLED')
      await addLateFacts(warehouse, '2024-01-24T12:00:00Z')
      const [done] = await materialize({ warehouse, catalog, views, quality, now: '2024-01-27T06:00Z' })
      expect(done).toMatchObject({ from: toMicros('2024-01-24'), to: toMicros('2024-01-28') })
      const days = rowsOf<{ day: number }>(
        await warehouse.read(
          sql`SELECT ${dayOf(warehouse)} AS day FROM features.customer_usage WHERE customer_id = 'c1' AND peak_7d = 101 ORDER BY 1`,
        ),
      )
      expect(days.map(({ day }) => day)).toEqual([25, 26, 27])
    }))
})
