import { sql } from 'kysely'
import { columnBatch, ensureTable, rowsOf, type Sql, type Warehouse } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { toMicros } from '../../src/catalog/instant.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { compileViewRows } from '../../src/compile/view-sql.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { precomputed } from '../../src/define/sources/precomputed.ts'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { materializationPlanText } from '../../src/materialize/plan-text.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import {
  addLateFacts,
  addReadings,
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

describe('materialize', () => {
  test('writes every closed instant from the earliest fact on, and no other', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      // The earliest reading lies within January 1, so January 2 is the first instant with rows.
      const [open] = await materialize({ warehouse, catalog, views, quality, now: '2024-01-10T05:59:59.999999Z' })
      expect(open).toMatchObject({ watermark: toMicros('2024-01-10'), reason: 'first run' })
      const [closed] = await materialize({ warehouse, catalog, views, quality, now: '2024-01-10T06:00:00Z' })
      expect(closed?.watermark).toBe(toMicros('2024-01-11'))
      const times = rowsOf(
        await warehouse.read(
          sql`SELECT feature_time, COUNT(*) AS n FROM features.customer_usage GROUP BY 1 ORDER BY 1`,
        ),
      )
      expect(times).toEqual(
        Array.from({ length: 9 }, (_, day) => ({ feature_time: new Date(Date.UTC(2024, 0, day + 2)), n: customers })),
      )
    }))

  test('ends in the rows that one query over the whole range gives, whatever the chunks', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const expected = await warehouse.session(async (inside) => {
        const rows = compileViewRows(inside, customerUsage.plan, {
          from: toMicros('2024-01-01'),
          to: toMicros('2024-02-02'),
        })
        for (const statement of rows.prepare) await inside.run(statement)
        return rowsOf(
          await inside.read(
            sql`
              SELECT q.customer_id, q.feature_time, q.kwh_1d, q.kwh_7d, q.peak_7d, q.readings_7d
              FROM (${rows.query}) q
              ORDER BY q.customer_id, q.feature_time
            `,
          ),
        )
      })
      await materialize({ warehouse, catalog, views, quality, now: '2024-01-05T06:00Z', chunk: { instants: 2 } })
      await materialize({ warehouse, catalog, views, quality, now: '2024-01-17T06:00Z', chunk: { instants: 5 } })
      await materialize({ warehouse, catalog, views, quality, now: '2024-02-01T06:00Z', chunk: { rows: 1 } })
      expect(await tableRows(warehouse, customerUsage)).toEqual(expected)
    }))

  test('gives the same table when a range is run again', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await materialize({ warehouse, catalog, views, quality, now: '2024-02-01T06:00Z' })
      const before = await tableRows(warehouse, customerUsage)
      await materialize({
        warehouse,
        catalog,
        views,
        quality,
        now: '2024-02-01T06:00Z',
        from: '2024-01-05',
        to: '2024-01-20',
        chunk: { instants: 4 },
      })
      expect(await tableRows(warehouse, customerUsage)).toEqual(before)
      const [again] = await materialize({ warehouse, catalog, views, quality, now: '2024-02-01T06:00Z' })
      expect(again).toMatchObject({ action: 'nothing', rows: 0, watermark: toMicros('2024-02-02') })
    }))

  test('recomputes as far back as late facts may change rows, and no further', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await materialize({ warehouse, catalog, views, quality, now: '2024-01-20T06:00Z' })
      await addLateFacts(warehouse, '2024-01-18T12:00:00Z')
      await addLateFacts(warehouse, '2024-01-10T12:00:00Z')
      const [done] = await materialize({ warehouse, catalog, views, quality, now: '2024-01-21T06:00Z' })
      expect(done).toMatchObject({ from: toMicros('2024-01-18'), to: toMicros('2024-01-22') })
      const peaks = rowsOf<{ day: number; peak: number }>(
        await warehouse.read(
          sql`SELECT ${dayOf(warehouse)} AS day, MAX(peak_7d) AS peak FROM features.customer_usage WHERE customer_id = 'c1' GROUP BY 1`,
        ),
      )
      const changed = peaks.filter(({ peak }) => peak === 101).map(({ day }) => day)
      // January 10 is older than repair allows: its late fact shows only in rows that are written anew (none within its
      // 7 days).
      expect(changed.toSorted((a, b) => a - b)).toEqual([19, 20, 21])
    }))

  test('computes a range anew from the facts as they are now, also those before it', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await materialize({ warehouse, catalog, views, quality, now: '2024-02-01T06:00Z' })
      await addLateFacts(warehouse, '2024-01-08T12:00:00Z')
      await materialize({
        warehouse,
        catalog,
        views,
        quality,
        now: '2024-02-01T06:00Z',
        from: '2024-01-12',
        to: '2024-01-18',
        chunk: { instants: 2 },
      })
      const peaks = rowsOf<{ day: number }>(
        await warehouse.read(
          sql`SELECT ${dayOf(warehouse)} AS day FROM features.customer_usage WHERE customer_id = 'c1' AND peak_7d = 101 ORDER BY 1`,
        ),
      )
      expect(peaks.map(({ day }) => day)).toEqual([12, 13, 14, 15])
      // A new view on the same fact starts from the facts, too, not from what an older view has kept of them.
      await addLateFacts(warehouse, '2024-01-01T12:00:00Z')
      const other = featureView('customer_total', {
        of: customer,
        from: usage,
        every: '1d',
        features: (f) => ({ readings: f.count().lifetime() }),
      })
      await materialize({ warehouse, catalog, views: [other], quality, now: '2024-01-05' })
      const [total] = rowsOf<{ n: number }>(
        await warehouse.read(
          sql`
            SELECT SUM(readings) AS n
            FROM features.customer_total
            WHERE feature_time = ${warehouse.leaves.timestamp(toMicros('2024-01-02'))}
          `,
        ),
      )
      expect(total?.n).toBe(8 * customers + customers)
    }))

  test('refuses to leave a hole, and takes a backfill that joins what is there', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const now = '2024-02-01T06:00Z'
      await materialize({ warehouse, catalog, views, quality, now, from: '2024-01-15', to: '2024-01-18' })
      expect(
        await errorCode(materialize({ warehouse, catalog, views, quality, now, from: '2024-01-20', to: '2024-01-22' })),
      ).toBe('MATERIALIZE_GAP')
      expect(
        await errorCode(materialize({ warehouse, catalog, views, quality, now, from: '2024-01-02', to: '2024-01-14' })),
      ).toBe('MATERIALIZE_GAP')
      await materialize({ warehouse, catalog, views, quality, now, from: '2024-01-10', to: '2024-01-15' })
      expect((await readViewState(catalog.db, 'customer_usage')).covered).toMatchObject({
        since: toMicros('2024-01-10'),
        watermark: toMicros('2024-01-18'),
      })
    }))

  test('never writes an instant that is not closed, even when asked to', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const [done] = await materialize({
        warehouse,
        catalog,
        views,
        quality,
        now: '2024-01-10T06:00Z',
        to: '2030-01-01',
        allowFuture: true,
      })
      expect(done).toMatchObject({ to: toMicros('2024-01-11'), watermark: toMicros('2024-01-11') })
    }))

  test('publishes the newest row of every entity, also in a later run when the store was missing at first', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const online = openMemoryStore()
      const [without] = await materialize({ warehouse, catalog, views, quality, now: '2024-01-20T06:00Z' })
      expect(without?.published).toBeNull()
      const [late] = await materialize({ warehouse, catalog, online, views, quality, now: '2024-01-20T06:00Z' })
      expect(late).toMatchObject({ action: 'publish', published: customers, rows: 0 })
      const [next] = await materialize({ warehouse, catalog, online, views, quality, now: '2024-01-21T06:00Z' })
      expect(next).toMatchObject({ action: 'write', published: customers })
      const [lost] = await materialize({
        warehouse,
        catalog,
        online: openMemoryStore(),
        views,
        quality,
        now: '2024-01-21T06:00Z',
      })
      expect(lost).toMatchObject({ action: 'publish', published: customers })
      const key = keyCodec(customerUsage.plan.entity.keys).encode({ customer_id: 'c3' })
      const [[row] = []] = await online.read([{ table: 'customer_usage', keys: [key] }])
      expect(row?.time).toBe(toMicros('2024-01-21'))
    }))

  test('replaces online rows of an older definition that lie later than any new one', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const online = openMemoryStore()
      await materialize({ warehouse, catalog, online, views, quality, now: '2024-01-20T06:00Z' })
      const slow = featureView('customer_usage', {
        of: customer,
        from: usage,
        every: '1d',
        delay: '3d',
        features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
      })
      await materialize({ warehouse, catalog, online, views: [slow], quality, now: '2024-01-20T06:00Z' })
      const key = keyCodec(slow.plan.entity.keys).encode({ customer_id: 'c3' })
      const [[row] = []] = await online.read([{ table: 'customer_usage', keys: [key] }])
      expect(row?.time).toBe(toMicros('2024-01-17'))
      expect(online.count('customer_usage')).toBe(customers)
    }))

  test('only publishes a table that holds features already, the one created last where times are equal', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const given = [
        ['c1', '2024-01-01', '2024-01-02', 1],
        ['c1', '2024-01-03', '2024-01-04', 2],
        ['c1', '2024-01-03', '2024-01-05', 3],
        ['c2', '2024-01-02', '2024-01-02', 4],
        ['c2', '2024-01-09', '2024-01-09', 5],
        [null, '2024-01-02', '2024-01-02', 6],
      ] as const
      await ensureTable(warehouse, {
        table: 'mart.scores',
        columns: [
          { name: 'customer_id', type: 'text' },
          { name: 'scored', type: 'timestamp' },
          { name: 'made', type: 'timestamp' },
          { name: 'score', type: 'double' },
        ],
      })
      await warehouse.append(
        'mart.scores',
        columnBatch({
          customer_id: { type: 'text', values: given.map(([id]) => id) },
          scored: { type: 'timestamp', values: given.map(([, scored]) => new Date(scored)) },
          made: { type: 'timestamp', values: given.map(([, , made]) => new Date(made)) },
          score: { type: 'double', values: given.map(([, , , score]) => score) },
        }),
      )
      const scores = precomputed('mart.scores', {
        columns: { customer_id: z.string(), scored: z.date(), made: z.date(), score: z.number() },
        entity: customer,
        time: 'scored',
        created: 'made',
      })
      const view = featureView('customer_score', {
        of: customer,
        from: scores,
        every: '1d',
        delay: '1d',
        features: (f) => ({ score: f.column('score') }),
      })
      const online = openMemoryStore()
      const [offline] = await materialize({ warehouse, catalog, views: [view], quality, now: '2024-01-05' })
      expect(offline).toMatchObject({ action: 'nothing', rows: 0 })
      const read = async (): Promise<unknown> => {
        const keys = ['c1', 'c2'].map((customer_id) => keyCodec(view.plan.entity.keys).encode({ customer_id }))
        const [rows = []] = await online.read([{ table: 'customer_score', keys }])
        // One double behind the fingerprint and one byte of null bits.
        return rows.map((row) =>
          row === undefined
            ? undefined
            : [row.time, new DataView(row.value.buffer, row.value.byteOffset).getFloat64(9, true)],
        )
      }
      await materialize({ warehouse, catalog, online, views: [view], quality, now: '2024-01-05' })
      expect(await read()).toEqual([
        [toMicros('2024-01-03'), 3],
        [toMicros('2024-01-02'), 4],
      ])
      const [later] = await materialize({ warehouse, catalog, online, views: [view], quality, now: '2024-01-10' })
      // Rows may have been added or corrected for any time, so the newest of every key is published again.
      expect(later?.published).toBe(2)
      expect(await read()).toEqual([
        [toMicros('2024-01-03'), 3],
        [toMicros('2024-01-09'), 5],
      ])
      expect(await warehouse.introspect('features.customer_score')).toBeUndefined()
      expect(
        rowsOf(await warehouse.read(sql`SELECT score FROM ml.customer_score_latest ORDER BY customer_id`)),
      ).toEqual([{ score: 3 }, { score: 5 }])
    }))

  test('writes one row an instant for a calendar, by the clock of its zone', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const calendar = featureView('calendar', {
        every: '1d',
        zone: 'Europe/Zurich',
        features: (f) => ({ day: f.calendar('dayOfWeek'), weekend: f.calendar('isWeekend') }),
      })
      const online = openMemoryStore()
      expect(await errorCode(materialize({ warehouse, catalog, views: [calendar], now: '2024-04-03' }))).toBe(
        'MATERIALIZE_FROM_NEEDED',
      )
      await materialize({
        warehouse,
        catalog,
        online,
        views: [calendar],
        from: '2024-03-29',
        now: '2024-04-03',
        chunk: { instants: 1 },
      })
      const rows = rowsOf<{ feature_time: Date; day: number }>(
        await warehouse.read(sql`SELECT feature_time, day FROM features.calendar ORDER BY 1`),
      )
      expect(rows.map(({ feature_time, day }) => [feature_time.toISOString().slice(0, 16), day])).toEqual([
        ['2024-03-29T23:00', 6],
        ['2024-03-30T23:00', 7],
        ['2024-03-31T22:00', 1],
        ['2024-04-01T22:00', 2],
        ['2024-04-02T22:00', 3],
      ])
      expect(online.count('calendar')).toBe(1)
      expect(rowsOf(await warehouse.read(sql`SELECT day FROM ml.calendar_latest`))).toEqual([{ day: 3 }])
    }))

  test('begins a calendar where the other views begin', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const calendar = featureView('calendar', { every: '1d', features: (f) => ({ day: f.calendar('dayOfWeek') }) })
      const done = await materialize({
        warehouse,
        catalog,
        views: [calendar, customerUsage],
        quality,
        now: '2024-01-20T06:00Z',
      })
      expect(done.map(({ view, from }) => [view, from])).toEqual([
        ['customer_usage', toMicros('2024-01-02')],
        ['calendar', toMicros('2024-01-02')],
      ])
      const later = featureView('months', { every: '1d', features: (f) => ({ month: f.calendar('month') }) })
      expect(
        await materialize({ warehouse, catalog, views: [later], quality, now: '2024-01-20T06:00Z' }),
      ).toMatchObject([{ from: toMicros('2024-01-02') }])
    }))

  test('shows the newest row of every entity to SQL users', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 10)
      await warehouse.run(
        sql`DELETE FROM mart.fact_usage WHERE customer_id = 'c5' AND ts > ${warehouse.leaves.timestamp(toMicros('2024-01-04'))}`,
      )
      await materialize({ warehouse, catalog, views, quality, now: '2024-01-20T06:00Z' })
      await addReadings(warehouse, 10, 20)
      await materialize({ warehouse, catalog, views, quality, now: '2024-01-21T06:00Z' })
      const rows = rowsOf(
        await warehouse.read(sql`SELECT COUNT(*) AS n, MIN(feature_time) AS first FROM ml.customer_usage_latest`),
      )
      expect(rows).toEqual([{ n: customers, first: new Date('2024-01-21') }])
    }))

  test('says what it will do before it does it', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const options = { warehouse, catalog, views, now: '2024-02-01T06:00Z', chunk: { instants: 10 } }
      const plan = await planMaterialization(options)
      expect(materializationPlanText(plan)).toBe(
        'customer_usage  write 2024-01-02 to 2024-02-02, 31 instants, about 372 rows: first run; ' +
          'by one scan of the events (23.6k steps by a scan, 93.8k by tiles)',
      )
      const events: MaterializeEvent[] = []
      await materialize({ ...options, onProgress: (event) => events.push(event) })
      expect(events.map(({ type }) => type).filter((type) => type !== 'step')).toEqual([
        'plan',
        'quality',
        'chunk',
        'chunk',
        'chunk',
        'chunk',
        'done',
      ])
      expect(JSON.parse(JSON.stringify(events))).toEqual(events)
      expect(materializationPlanText(await planMaterialization(options))).toBe(
        'customer_usage  nothing to do: up to date: everything before 2024-02-02 is written',
      )
    }))

  test('names the table that is missing', () =>
    inPlace(async ({ warehouse, catalog }) => {
      expect(await errorCode(materialize({ warehouse, catalog, views }))).toBe('SOURCE_MISSING')
    }))

  test('has nothing to do when there are no facts yet', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 0)
      const [done] = await materialize({ warehouse, catalog, views, now: '2024-02-01' })
      expect(done).toMatchObject({ action: 'nothing', reason: 'mart.fact_usage has no rows' })
    }))
})
