import { columnBatch, ensureTable, rowsOf, type Warehouse } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { toMicros } from '../../src/catalog/instant.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { precomputed } from '../../src/define/sources/precomputed.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { planMaterialization } from '../../src/materialize/plan-materialization.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { openOnlineReader } from '../../src/read/online-reader.ts'
import { buildTrainingSet } from '../../src/read/training-set.ts'
import { createMart, customer, customers, usage } from './energy.ts'
import { inPlace } from './in-place.ts'

const quality = false
const scores = precomputed('mart.scores', {
  columns: { customer_id: z.string(), at: z.date(), made: z.date(), score: z.number() },
  entity: customer,
  time: 'at',
  created: 'made',
})
const view = featureView('scores', {
  of: customer,
  from: scores,
  every: '1d',
  features: (f) => ({ score: f.column('score') }),
})
const service = featureService('s', [view])

type Row = readonly [id: string, at: string, made: string, score: number]

async function add(warehouse: Warehouse, ...rows: readonly Row[]): Promise<void> {
  await ensureTable(warehouse, {
    table: 'mart.scores',
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'at', type: 'timestamp' },
      { name: 'made', type: 'timestamp' },
      { name: 'score', type: 'double' },
    ],
  })
  await warehouse.append(
    'mart.scores',
    columnBatch({
      customer_id: { type: 'text', values: rows.map(([id]) => id) },
      at: { type: 'timestamp', values: rows.map(([, at]) => new Date(at)) },
      made: { type: 'timestamp', values: rows.map(([, , made]) => new Date(made)) },
      score: { type: 'double', values: rows.map(([, , , score]) => score) },
    }),
  )
}

async function trained(warehouse: Warehouse, ...times: readonly string[]): Promise<readonly unknown[]> {
  const rows = columnBatch({
    customer_id: { type: 'text', values: times.map(() => 'a') },
    at: { type: 'timestamp', values: times.map((time) => toMicros(time)) },
  })
  return rowsOf(await (await buildTrainingSet({ warehouse, service, spine: { rows }, time: 'at' })).read()).map(
    (row) => row['scores__score'],
  )
}

async function served(online: OnlineStore, now: string): Promise<unknown> {
  const vectors = await openOnlineReader({ service: service.plan, store: online }).read([{ customer_id: 'a' }], {
    now: toMicros(now),
  })
  return vectors.value(0, 0)
}

describe('a precomputed row', () => {
  test('is not known before it was written: a correction of January 10 answers nobody on January 2, and everybody from then on', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await add(warehouse, ['a', '2024-01-01', '2024-01-01T06:00Z', 1], ['a', '2024-01-01', '2024-01-10T06:00Z', 2])
      const times = [
        '2024-01-01T05:59:59Z',
        '2024-01-01T06:00Z',
        '2024-01-02',
        '2024-01-10T05:59:59.999999Z',
        '2024-01-10T06:00Z',
      ]
      expect(await trained(warehouse, ...times)).toEqual([null, 1, 1, 1, 2])
      const online = openMemoryStore()
      for (const [i, now] of times.entries()) {
        await materialize({ warehouse, catalog, online, views: [view], quality, now })
        expect(await served(online, now)).toEqual([null, 1, 1, 1, 2][i])
      }
    }))

  test('of an older time that comes late does not take the place of a newer one', () =>
    inPlace(async ({ warehouse }) => {
      await add(
        warehouse,
        ['a', '2024-01-05', '2024-01-05', 5],
        ['a', '2024-01-03', '2024-01-08', 3],
        ['a', '2024-01-07', '2024-01-09', 7],
      )
      expect(await trained(warehouse, '2024-01-04', '2024-01-06', '2024-01-08T12:00Z', '2024-01-09')).toEqual([
        null,
        5,
        5,
        7,
      ])
    }))

  test('that appears after the run for its time is published by the next one', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const online = openMemoryStore()
      const options = { warehouse, catalog, online, views: [view], quality } as const
      await add(warehouse, ['b', '2024-01-01', '2024-01-01', 1])
      await materialize({ ...options, now: '2024-01-05' })
      await add(warehouse, ['a', '2024-01-02', '2024-01-06', 2])
      await materialize({ ...options, now: '2024-01-05T12:00Z' })
      expect(await served(online, '2024-01-05T12:00Z')).toBeNull()
      await materialize({ ...options, now: '2024-01-06T12:00Z' })
      expect(await served(online, '2024-01-06T12:00Z')).toBe(2)
    }))
})

describe('a view over the rows of another', () => {
  const base = featureView('base', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.sum('kwh').lifetime() }),
  })
  const columns = { customer_id: z.string(), feature_time: z.date(), kwh: z.number() }
  const over = (table: string) =>
    featureView('over', {
      of: customer,
      from: precomputed(table, { columns, entity: customer, time: 'feature_time' }),
      every: '1d',
      features: (f) => ({ kwh: f.column('kwh') }),
    })

  test.for(['features.base', 'ml.base_latest'])(
    'is published after it, in whatever order they are given: %s',
    (table) =>
      inPlace(async ({ warehouse, catalog }) => {
        await createMart(warehouse, 5)
        const online = openMemoryStore()
        const options = { warehouse, catalog, online, views: [over(table), base], quality, now: '2024-01-10' } as const
        const planned = (await planMaterialization(options)).views
        expect(planned.map(({ view: { name }, work }) => [name, work.action, work.reason])).toEqual([
          ['over', 'nothing', 'base, whose rows it reads, is written first; what it has to do is decided then'],
          ['base', 'write', 'first run'],
        ])
        const done = await materialize(options)
        expect(done.map(({ view: name, published }) => [name, published])).toEqual([
          ['over', customers],
          ['base', customers],
        ])
        expect(online.count('over')).toBe(customers)
      }),
  )
})
