import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@martlet/warehouse'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  entity,
  fact,
  featureService,
  featureView,
  materialize,
  openCatalog,
  openIntake,
  openMemoryStore,
  openOnlineReader,
  source,
  sourceTails,
  type MaterializeOptions,
  type OnlineStore,
  type ViewPlan,
} from '../../src/index.ts'
import { fraud, payment, payments, tempo, velocity } from './payments.ts'

const NOW = new Date('2026-01-20T12:00:00Z')
const micros = BigInt(NOW.getTime()) * 1000n

/** A warehouse with the schema `mart`, a catalog and an online store, closed when the test ends. */
async function openStores() {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-bases-'))
  const warehouse = await openTestWarehouse()
  const catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  const online = openMemoryStore()
  onTestFinished(async () => {
    for (const store of [online, catalog, warehouse]) await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  return { warehouse, catalog, online }
}

/** Pushes payments as a server does. */
function pusher({ events }: OnlineStore, views: readonly { readonly plan: ViewPlan }[]) {
  if (events === undefined) throw new Error('the store takes no events')
  const tails = sourceTails(
    [payments.plan],
    views.map(({ plan }) => plan),
  ).get('payments')
  const intake = openIntake(payments.plan, events, () => tails)
  const push = async (id: string, account_id: string, amount: number): Promise<void> => {
    const body = { payment_id: id, account_id, at: '2026-01-20T11:59:00Z', seq: 0, amount, fee: null, kind: 'card' }
    const came = [{ body: Buffer.from(JSON.stringify({ ...body, foreign_country: null })) }]
    await intake.append(intake.read(came, { arrived: micros - 1n, origin: () => 'push' }))
  }
  return { events, push }
}

test('bases follow the facts: events are drained, entities without facts leave, and nothing counts twice', async () => {
  const { warehouse, catalog, online } = await openStores()
  const { events, push } = pusher(online, [velocity, tempo])
  const publish = () =>
    materialize({ warehouse, catalog, online, views: [velocity, tempo], sources: [payments], now: NOW, quality: false })
  const ever = async (account_id: string): Promise<unknown> => {
    const vectors = await openOnlineReader({ service: fraud.plan, store: online }).read([{ account_id }], {
      now: micros,
    })
    const field = vectors.fields.findIndex(({ name }) => name === 'velocity__ever')
    return vectors.status(0, field) === 'PRESENT' ? vectors.value(0, field) : vectors.status(0, field)
  }
  await push('p1', 'a', 1)
  await push('p2', 'b', 2)
  expect([await ever('a'), await ever('b'), await ever('c')]).toEqual([1, 2, 'NOT_FOUND'])
  const [done] = await publish()
  expect(done).toMatchObject({ view: 'velocity', action: 'publish', rows: 0, published: 2 })
  expect([await ever('a'), await ever('b')]).toEqual([1, 2])
  await push('p3', 'a', 4)
  expect(await ever('a')).toBe(5)
  await publish()
  expect(await ever('a')).toBe(5)
  const [parts = []] = (await events.tails([{ table: 'velocity', keys: [Buffer.from('\u0001a')] }]))[0] ?? []
  expect(parts.map(({ position }) => position)).toEqual([3n])
  await publish()
  await warehouse.run(sql`DELETE FROM mart.payments WHERE account_id = 'b'`)
  await publish()
  expect([await ever('a'), await ever('b')]).toEqual([5, 'NOT_FOUND'])
})

test('bases of another source are not taken for those of this one', async () => {
  const { warehouse, catalog, online } = await openStores()
  await pusher(online, [velocity]).push('p1', 'a', 1)
  const publish = (sources: NonNullable<MaterializeOptions['sources']>) =>
    materialize({ warehouse, catalog, online, views: [velocity], sources, now: NOW, quality: false })
  await publish([payments])
  const renamed = source('card_payments', { into: payment, id: ['payment_id'], arrived: 'arrived_at' })
  const message: unknown = expect.stringMatching(
    /of source payments up to position 1, and now (source card_payments|no source) brings/,
  )
  for (const sources of [[renamed], []])
    await expect(publish(sources)).rejects.toMatchObject({ code: 'INVALID_DEFINITION', message })
  expect(await publish([payments])).toMatchObject([{ view: 'velocity', published: 1 }])
})

test('an entity leaves when none of its facts counts any more', async () => {
  const { warehouse, catalog, online } = await openStores()
  const who = entity('who', { id: z.string() })
  const columns = { id: z.string(), happened: z.date().nullable(), arrived: z.date().nullable() }
  const seen = fact('mart.seen', { columns, entities: [who], eventTime: 'happened', knownAt: 'arrived' })
  const view = featureView('seen', {
    of: who,
    from: seen,
    every: 'continuous',
    features: (f) => ({ n: f.count().lifetime() }),
  })
  const type = warehouse.leaves.columnType('timestamp')
  const then = sql`CAST('2026-01-20 11:00:00' AS ${type})`
  await warehouse.run(sql`CREATE TABLE mart.seen (id VARCHAR, happened ${type}, arrived ${type})`)
  await warehouse.run(
    sql`INSERT INTO mart.seen VALUES ('a', ${then}, ${then}), ('b', ${then}, ${then}), ('c', ${then}, ${then})`,
  )
  const { plan } = featureService('seen', [view])
  const published = async (): Promise<readonly unknown[]> => {
    await materialize({ warehouse, catalog, online, views: [view], now: NOW, quality: false })
    const keys = ['a', 'b', 'c'].map((id) => ({ id }))
    const vectors = await openOnlineReader({ service: plan, store: online }).read(keys, { now: micros })
    return keys.map((_, row) => (vectors.status(row, 0) === 'PRESENT' ? vectors.value(row, 0) : null))
  }
  expect(await published()).toEqual([1n, 1n, 1n])
  await warehouse.run(sql`UPDATE mart.seen SET arrived = NULL WHERE id = 'a'`)
  await warehouse.run(sql`UPDATE mart.seen SET happened = NULL WHERE id = 'b'`)
  expect(await published()).toEqual([null, null, 1n])
})
