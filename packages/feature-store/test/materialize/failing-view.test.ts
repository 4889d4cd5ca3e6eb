import { columnBatch, ensureTable, type Warehouse } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { toMicros } from '../../src/catalog/instant.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { precomputed } from '../../src/define/sources/precomputed.ts'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { readViewState } from '../../src/catalog/view-state.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { createMart, customer, customerUsage, errorCode, tableRows } from './energy.ts'
import { inPlace } from './in-place.ts'

const now = '2024-01-20T06:00Z'

/** Calls of the same customers, of which one has no time. */
const calls = fact('mart.calls', {
  columns: { customer_id: z.string(), called: z.date(), minutes: z.number() },
  entities: [customer],
  eventTime: 'called',
})
const callView = featureView('a_calls', {
  of: customer,
  from: calls,
  every: '1d',
  features: (f) => ({ minutes: f.sum('minutes').over('7d') }),
})
/** The rows that the view of calls writes, as a source of another view. */
const scores = precomputed('features.a_calls', {
  columns: { customer_id: z.string(), feature_time: z.date(), minutes_7d: z.number() },
  entity: customer,
  time: 'feature_time',
})
const scoreView = featureView('a_scores', {
  of: customer,
  from: scores,
  every: '1d',
  features: (f) => ({ minutes: f.column('minutes_7d') }),
})

const calendar = featureView('days', { every: '1d', features: (f) => ({ day: f.calendar('dayOfWeek') }) })

async function createCalls(warehouse: Warehouse, times: readonly (Date | null)[]): Promise<void> {
  const columns = [
    { name: 'customer_id', type: 'text' },
    { name: 'called', type: 'timestamp' },
    { name: 'minutes', type: 'double' },
  ] as const
  await ensureTable(warehouse, { table: 'mart.calls', columns })
  await appendCalls(warehouse, times)
}

function appendCalls(
  warehouse: Warehouse,
  times: readonly (Date | null)[],
  minutes: number | null = 2,
): Promise<number> {
  return warehouse.append(
    'mart.calls',
    columnBatch({
      customer_id: { type: 'text', values: times.map(() => 'c1') },
      called: { type: 'timestamp', values: times },
      minutes: { type: 'double', values: times.map(() => minutes) },
    }),
  )
}

const days = (from: number, to: number): readonly Date[] =>
  Array.from({ length: to - from }, (_, i) => new Date(Date.UTC(2024, 0, from + i, 12)))

async function failure(work: Promise<unknown>): Promise<Error & { readonly code?: string; readonly data?: unknown }> {
  return work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: Error) => error,
  )
}

describe('a view that fails', () => {
  test('does not stop the others, and the error lists what failed, view by view', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await createCalls(warehouse, [...days(1, 15), null])
      const events: MaterializeEvent[] = []
      const error = await failure(
        materialize({
          warehouse,
          catalog,
          views: [callView, customerUsage],
          now,
          onProgress: (event) => events.push(event),
        }),
      )
      expect(error).toMatchObject({
        code: 'MATERIALIZE_FAILED',
        message: expect.stringMatching(/^1 of 2 views failed.*\n {2}a_calls: .*mart\.calls\.called/s),
        data: {
          failed: [{ view: 'a_calls', code: 'QUALITY_FAILED' }],
          done: [{ view: 'customer_usage', rows: expect.any(Number) }],
        },
        cause: { errors: [{ code: 'QUALITY_FAILED' }] },
      })
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'failed', view: 'a_calls', code: 'QUALITY_FAILED' }),
      )
      expect((await tableRows(warehouse, customerUsage)).length).toBeGreaterThan(200)
      expect((await listRuns(catalog.db)).map(({ view, outcome }) => [view, outcome]).toSorted()).toEqual([
        ['a_calls', 'failed'],
        ['customer_usage', 'succeeded'],
      ])
    }))

  test.each(['plan', 'prepare', 'publish'] as const)('at any step: %s', (step) =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      if (step !== 'plan') await createCalls(warehouse, days(1, 15))
      const store = openMemoryStore()
      const write: OnlineStore['write'] = (table, ...rest) =>
        step === 'publish' && table === 'a_calls'
          ? Promise.reject(new Error('the disk is gone'))
          : store.write(table, ...rest)
      const online: OnlineStore = { ...store, write }
      const prepare = (_: Warehouse, { name }: { readonly name: string }): Promise<void> =>
        step === 'prepare' && name === 'a_calls' ? Promise.reject(new Error('no luck')) : Promise.resolve()
      expect(
        await failure(
          materialize({ warehouse, catalog, online, views: [callView, customerUsage], now, prepare, quality: false }),
        ),
      ).toMatchObject({
        code: 'MATERIALIZE_FAILED',
        data: { failed: [{ view: 'a_calls' }], done: [{ view: 'customer_usage' }] },
      })
      const runs = await listRuns(catalog.db)
      expect(runs.filter(({ outcome }) => outcome === 'running')).toEqual([])
      expect(runs.find(({ view }) => view === 'customer_usage')).toMatchObject({ outcome: 'succeeded' })
      expect(await store.count('customer_usage')).toBe(12)
      // Nobody holds anything: the next run may begin at once.
      if (step !== 'plan')
        expect(
          await errorCode(
            materialize({ warehouse, catalog, online: store, views: [callView, customerUsage], now, quality: false }),
          ),
        ).toBe('no error')
    }),
  )

  test('takes along those that read its rows, which say so; a view alone fails with its own error and its name', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await createCalls(warehouse, days(1, 15))
      const online = openMemoryStore()
      const views = [callView, scoreView, customerUsage]
      await materialize({ warehouse, catalog, online, views: [callView], now })
      await appendCalls(warehouse, [null])
      const error = await failure(materialize({ warehouse, catalog, online, views, now: '2024-01-22T06:00Z' }))
      expect(error).toMatchObject({
        code: 'MATERIALIZE_FAILED',
        message: expect.stringMatching(
          /2 of 3 views failed.*a_scores: skipped, because it reads features\.a_calls, and a_calls failed/s,
        ),
        data: {
          failed: [
            { view: 'a_calls', code: 'QUALITY_FAILED' },
            { view: 'a_scores', code: 'VIEW_SKIPPED', because: 'a_calls' },
          ],
          done: [{ view: 'customer_usage' }],
        },
      })
      expect(await online.count('a_scores')).toBe(0)
      expect(
        await failure(materialize({ warehouse, catalog, views: [callView], now: '2024-01-22T06:00Z' })),
      ).toMatchObject({ code: 'QUALITY_FAILED', message: expect.stringContaining('a_calls') })
      const prepare = (): Promise<void> => Promise.reject(new Error('no luck'))
      expect(
        await failure(materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-24T06:00Z', prepare })),
      ).toMatchObject({ message: 'customer_usage: no luck', data: { view: 'customer_usage' } })
    }))

  test('stops no plan either: all that cannot be planned are listed', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const error = await failure(planMaterialization({ warehouse, catalog, views: [callView, customerUsage], now }))
      expect(error).toMatchObject({
        code: 'MATERIALIZE_FAILED',
        data: {
          failed: [
            { view: 'a_calls', code: 'SOURCE_MISSING' },
            { view: 'customer_usage', code: 'SOURCE_MISSING' },
          ],
        },
      })
      expect(error.message).toMatch(/^2 of 2 views failed:/)
      // What is wrong in the options is wrong for all views.
      expect(await errorCode(materialize({ warehouse, catalog, views: [callView, customerUsage], now: 'soon' }))).toBe(
        'INVALID_INSTANT',
      )
    }))

  test('a calendar that would begin too late without the view that failed is skipped', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createCalls(warehouse, days(10, 15))
      const error = await failure(
        materialize({ warehouse, catalog, views: [callView, customerUsage, calendar], now, quality: false }),
      )
      expect(error).toMatchObject({
        data: {
          failed: [{ view: 'customer_usage' }, { view: 'days', code: 'VIEW_SKIPPED', because: 'customer_usage' }],
          done: [{ view: 'a_calls' }],
        },
      })
      await createMart(warehouse)
      await materialize({ warehouse, catalog, views: [callView, customerUsage, calendar], now, quality: false })
      expect((await readViewState(catalog.db, 'days')).covered?.since).toBe(toMicros('2024-01-02'))
    }))

  test('a run that is cancelled leaves no other run as running', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      await createCalls(warehouse, days(1, 15))
      const stop = new AbortController()
      const onProgress = ({ type }: MaterializeEvent): void => void (type === 'chunk' && stop.abort())
      const work = materialize({
        warehouse,
        catalog,
        views: [callView, customerUsage],
        now,
        chunk: { instants: 3 },
        onProgress,
        signal: stop.signal,
      })
      expect(await failure(work)).toMatchObject({ code: 'CANCELLED' })
      expect((await listRuns(catalog.db)).map(({ view, outcome }) => [view, outcome]).toSorted()).toEqual([
        ['a_calls', 'failed'],
        ['customer_usage', 'failed'],
      ])
    }))
})

describe('source rows of a view that is up to date', () => {
  test('are checked, so that what was inserted since is noticed', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createCalls(warehouse, days(1, 21))
      const nulls = { column: 'minutes', check: 'null', count: 1 }
      const run = { warehouse, catalog, views: [callView], now: '2024-01-20T06:00Z' }
      await materialize(run)
      expect(await materialize(run)).toMatchObject([{ action: 'nothing', run: null }])
      await appendCalls(warehouse, [new Date(Date.UTC(2024, 0, 20, 3))], null)
      expect(await failure(materialize(run))).toMatchObject({
        code: 'QUALITY_FAILED',
        data: { findings: [nulls, { check: 'future' }] },
      })
      expect((await listRuns(catalog.db))[0]).toMatchObject({
        view: 'a_calls',
        outcome: 'failed',
        error: expect.stringContaining('mart.calls.minutes'),
      })
      expect(await materialize({ ...run, quality: { severity: { 'mart.calls.minutes.null': 'warn' } } })).toMatchObject(
        [{ action: 'nothing', findings: [{ column: 'minutes', severity: 'warn' }, { check: 'future' }] }],
      )
      expect(await materialize({ ...run, quality: false })).toMatchObject([{ action: 'nothing', findings: [] }])
    }))

  test('are those that a later run would look at, without the sorting checks; a view without rows has none to check', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createCalls(warehouse, days(1, 21))
      const scanned: (readonly string[])[] = []
      const run = {
        warehouse,
        catalog,
        views: [callView],
        onProgress: (event: MaterializeEvent) => void (event.type === 'quality' && scanned.push(event.scanned)),
      }
      await materialize({ ...run, now: '2024-01-01T06:00Z' })
      expect(scanned).toEqual([])
      await materialize({ ...run, now: '2024-01-20T06:00Z' })
      await materialize({ ...run, now: '2024-01-20T06:00Z' })
      // The newest row is that of the 20th, which has the calls before it.
      expect(scanned[1]).toEqual([
        'mart.calls: 1 rows with called from 2024-01-20 on, and customer_id, called in all rows',
      ])
      expect((await listRuns(catalog.db)).length).toBe(1)
    }))
})

test('a later run checks the rows that no earlier one has read', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createCalls(warehouse, days(1, 20))
    await materialize({ warehouse, catalog, views: [callView], now: '2024-01-20T06:00Z' })
    // Belongs to the row of the 21st, and lies before it.
    await appendCalls(warehouse, [new Date(Date.UTC(2024, 0, 20, 15))], null)
    const error = await failure(materialize({ warehouse, catalog, views: [callView], now: '2024-01-21T06:00Z' }))
    expect(error).toMatchObject({
      code: 'QUALITY_FAILED',
      data: { findings: [{ column: 'minutes', check: 'null', count: 1 }] },
    })
  }))

describe('a range that was cancelled', () => {
  const range = { from: '2024-01-05', to: '2024-01-15', chunk: { instants: 2 } } as const
  test('is finished by the same range only, and the error says so', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const base = { warehouse, catalog, views: [customerUsage], quality: false as const, now }
      await materialize(base)
      const stop = new AbortController()
      const onProgress = ({ type }: MaterializeEvent): void => void (type === 'chunk' && stop.abort())
      const error = await failure(materialize({ ...base, ...range, onProgress, signal: stop.signal }))
      expect(error.message).toContain('The same call with the same from and to continues from there')
      expect(error.message).toContain('a run without them does not')
      expect(await materialize(base)).toMatchObject([{ action: 'nothing' }])
      expect(await materialize({ ...base, ...range })).toMatchObject([
        { action: 'write', from: toMicros('2024-01-07'), to: toMicros('2024-01-15') },
      ])
    }))

  test('beyond the watermark, or at first, is finished by any later run, and the error says so', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse)
      const base = { warehouse, catalog, views: [customerUsage], quality: false as const, now }
      const stop = new AbortController()
      const onProgress = ({ type }: MaterializeEvent): void => void (type === 'chunk' && stop.abort())
      const error = await failure(materialize({ ...base, ...range, onProgress, signal: stop.signal }))
      expect(error.message).toMatch(/The next run continues from there\.$/)
      expect(await materialize(base)).toMatchObject([
        { action: 'write', from: toMicros('2024-01-07'), reason: expect.stringContaining('resumes') },
      ])
    }))
})
