import { submitJob } from '../../src/catalog/jobs/submit-job.ts'
import { sql } from 'kysely'
import { dropTable, ensureTable, type Warehouse } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { storeResults } from '../../src/quality/store-results.ts'
import { auditLog } from '../../src/catalog/audit.ts'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { acquireLease } from '../../src/catalog/lease.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { erase, type EraseOptions } from '../../src/erase/erase.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { buildTrainingSet } from '../../src/read/training-set.ts'
import { errorCode } from '../materialize/energy.ts'
import { inPlace } from '../materialize/in-place.ts'
import {
  addOrders,
  basket,
  baskets,
  card,
  createShop,
  customer,
  everything,
  gone,
  holdsKey,
  kept,
  now,
  rowsOfTable,
  spending,
} from './shop.ts'

const definitions = [spending, baskets, card]

interface Shop {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly online: OnlineStore
}

/**
 * Every place that can hold a key does: tables, tiles, a side table, a training set, online rows, an example, an
 * error.
 */
async function openShop(warehouse: Warehouse, catalog: Catalog): Promise<Shop> {
  const online = openMemoryStore()
  await createShop(warehouse)
  // The same order twice: `duplicates` keeps it as its example, since quotes sort before letters.
  await warehouse.run(
    sql`INSERT INTO mart.orders SELECT * FROM mart.orders WHERE customer_id = ${gone} AND ts < '2024-01-02'`,
  )
  await applyDefinitions(catalog, await planDefinitions(catalog, definitions))
  const [done] = await materialize({ warehouse, catalog, online, views: [spending, baskets], now })
  await buildTrainingSet({
    warehouse,
    service: card,
    time: 'at',
    spine: { query: sql`SELECT customer_id, product, ts AS at FROM mart.orders` },
  })
  await warehouse.run(
    warehouse.leaves.createTableAs('features.spending__rebuild_0123456789ab', sql`SELECT * FROM features.spending`),
  )
  await catalog.db
    .updateTable('runs')
    .set({
      error: `QUALITY_FAILED: 1 check failed\n  error mart.orders: has the same row, for example ${gone} 0 2024-01-01 01:00:00`,
    })
    .where('view', '=', 'spending')
    .execute()
  const text = `materialize: QUALITY_FAILED: the same row, for example ${gone} 0 2024-01-01 01:00:00`
  const ran = { schedule: 'nightly', slot: '2024-03-01T00:00:00.000000Z', outcome: 'failed', host: 'here' } as const
  const times = { started_at: ran.slot, finished_at: ran.slot }
  await catalog.db
    .insertInto('schedule_slots')
    .values({ ...ran, ...times, passed: 0, error: text, alert: null, pid: 1, actor: 'tester' })
    .execute()
  const step = { step: 0, command: '["materialize"]', attempts: 1, failures: 1, exit_code: 1, pid: null }
  await catalog.db
    .insertInto('schedule_steps')
    .values({ ...ran, ...times, ...step, error: text, tail: `error\n  ${text}` })
    .execute()
  const { job } = await submitJob(
    catalog,
    { kind: 'materialize', arguments: {}, by: 'ann', maxFailures: 1, timeLimit: 60 },
    { perCaller: 1, inAll: 1 },
    Date.now(),
  )
  await catalog.db
    .updateTable('jobs')
    .set({
      error: text,
      log_tail: `error\n  ${text}`,
      result: JSON.stringify({ views: [{ rows: 31, findings: [{ example: `customer_id ${gone}`, message: text }] }] }),
    })
    .where('id', '=', job.id)
    .execute()
  await rememberAlert(catalog, text)
  await storeResults(catalog.db, warehouse, done?.run ?? '', [
    {
      view: 'spending',
      table: 'features.spending',
      column: 'amount_7d',
      check: 'fits',
      severity: 'warn',
      count: 1,
      total: 31,
      example: `customer_id ${gone} at 2024-01-02T00:00:00.000Z, about Infinity`,
      message: 'needs a number beyond the range of doubles',
      query: '',
      scanned: '',
    },
  ])
  return { warehouse, catalog, online }
}

/** A view that alerts, and the message about it. */
async function rememberAlert({ db }: Catalog, sentence: string): Promise<void> {
  const [subject, at] = ['quality:spending', '2024-03-01T00:00:00.000000Z']
  await db
    .insertInto('alert_states')
    .values({
      subject,
      status: 'failed',
      severity: 'crit',
      sentence,
      alerting_since: at,
      incident: 1,
      bad_runs: 1,
      quiet_runs: 0,
      last_window: null,
      last_run: at,
      told_at: at,
      told_severity: 'crit',
      acknowledged_until: at,
      acknowledged_by: 'ann',
      acknowledged_reason: `${gone} is on holiday`,
    })
    .execute()
  await db
    .insertInto('muted_columns')
    .values({
      subject,
      column_name: 'amount',
      until_time: at,
      reason: `because of ${gone}`,
      muted_by: 'ann',
      muted_at: at,
    })
    .execute()
  await db
    .insertInto('alert_outbox')
    .values({
      id: 'a',
      channel: 'ops',
      subject,
      incident: 1,
      event: 'alert',
      message: JSON.stringify({ sentence, details: [sentence] }),
      state: 'waiting',
      created_at: at,
      not_before: at,
      batch: null,
      attempts: 0,
      error: `it answered 400: ${gone}`,
      sent_at: null,
    })
    .execute()
}

async function deleteFacts({ warehouse }: Shop): Promise<void> {
  await warehouse.run(sql`DELETE FROM mart.orders WHERE customer_id = ${gone}`)
}

const run = (shop: Shop, change: Partial<EraseOptions> = {}) =>
  erase({ ...shop, entity: customer, keys: [{ customer_id: gone }], reason: 'request 17', actor: 'ann', ...change })

async function onlineKeys({ online }: Shop): Promise<number> {
  const own = kept.concat(gone).map((id) => keyCodec(customer.plan.keys).encode({ customer_id: id }))
  const [rows = []] = await online.read([{ table: 'spending', keys: own }])
  return rows.filter((row) => row !== undefined).length + (await online.count('baskets'))
}

test('everything that Martlet made of an entity goes, and nothing else', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    await deleteFacts(shop)
    const before = await everything(warehouse, catalog)
    expect(holdsKey(before)).toBe(true)
    const others = async (table: string) =>
      (await rowsOfTable(warehouse, table))
        .filter(({ customer_id: id }) => id !== gone)
        .map((row) => JSON.stringify(row))
        .toSorted()
    const tables = ['features.spending', 'features.baskets', 'training.card', 'features.spending__rebuild_0123456789ab']
    const left = await Promise.all(tables.map(others))
    const keysBefore = await onlineKeys(shop)

    const dry = await run(shop, { dryRun: true })
    expect(await everything(warehouse, catalog)).toBe(before)
    expect(await onlineKeys(shop)).toBe(keysBefore)

    const done = await run(shop)
    expect({ ...done, dryRun: true }).toEqual(dry)
    expect(done).toMatchObject({ entity: 'customer', keys: 1, dryRun: false, facts: [], unreached: [] })
    const rows = Object.fromEntries(done.removed.map(({ place, rows: n }) => [place.replace(/moments_.*/, 'tiles'), n]))
    // 31 days from Jan 2 on, three products of which the first closes on Jan 2, the second on Jan 3, the third on Jan
    // 4.
    expect(rows).toMatchObject({
      'features.spending': 31,
      'features.baskets': 31 + 30 + 29,
      'features.spending__rebuild_0123456789ab': 31,
      'training.card': 32,
      'memory store, table spending': 1,
      'memory store, table baskets': 3,
      'features_internal.tiles': 31,
      'features_internal.published_spending': 1,
      'features_internal.published_baskets': 3,
      'runs of the catalog': 1,
      'schedules of the catalog': 2,
      'jobs of the catalog': 1,
      'alerts of the catalog': 3,
    })
    expect(done.removed.filter(({ kind }) => kind === 'tiles').map(({ rows: n }) => n)).toEqual([31, 31])
    expect(done.removed.filter(({ kind }) => kind === 'example').map(({ place }) => place)).toEqual([
      'quality_results of the catalog',
      'monitoring.quality_results',
    ])

    expect(holdsKey(await everything(warehouse, catalog))).toBe(false)
    expect(await Promise.all(tables.map(others))).toEqual(left)
    expect(await onlineKeys(shop)).toBe(keysBefore - 4)
    const [runError] = await catalog.db.selectFrom('runs').select('error').where('view', '=', 'spending').execute()
    expect(runError?.error).toContain('for example [erased] 0 2024')
    const [step] = await catalog.db.selectFrom('schedule_steps').select('tail').execute()
    expect(step?.tail).toContain('for example [erased] 0 2024')
    const [job] = await catalog.db.selectFrom('jobs').select(['log_tail', 'result']).execute()
    expect(job?.log_tail).toContain('for example [erased] 0 2024')
    expect(JSON.parse(job?.result ?? '')).toMatchObject({ views: [{ rows: 31, findings: [{ example: null }] }] })
    const [alert] = await catalog.db.selectFrom('alert_states').select('sentence').execute()
    expect(alert?.sentence).toContain('for example [erased] 0 2024')
    const [muted] = await catalog.db.selectFrom('muted_columns').select('reason').execute()
    expect(muted?.reason).toBe('because of [erased]')
    const [message] = await catalog.db.selectFrom('alert_outbox').select('message').execute()
    expect(message?.message).toContain('for example [erased] 0 2024')
    expect(message?.message).not.toContain(gone)
  }))

test('the example of rows that were written before facts changed goes, too', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    await deleteFacts(shop)
    const [done] = await materialize({ ...shop, views: [spending], quality: false, now: '2024-02-03T00:00Z' })
    expect(done?.findings).toMatchObject([{ check: 'changed', example: gone }])
    expect(await rowsOfTable(warehouse, 'features_internal.stale_rows')).toMatchObject([{ example: gone }])
    const { removed } = await run(shop)
    expect(removed.find(({ place }) => place === 'features_internal.stale_rows')).toMatchObject({ rows: 1 })
    expect(await rowsOfTable(warehouse, 'features_internal.stale_rows')).toMatchObject([{ example: null }])
    expect(holdsKey(await everything(warehouse, catalog))).toBe(false)
    const [again] = await materialize({ ...shop, views: [spending], quality: false, now: '2024-02-04T00:00Z' })
    expect(again?.findings).toMatchObject([{ check: 'changed', example: null }])
  }))

test('the audit log has who, when, why and how many, and neither the key nor its hash', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    await run(shop, { dryRun: true })
    expect(await auditLog(catalog.db, { subject: 'entity:customer' })).toEqual([])
    await run(shop)
    const entries = await auditLog(catalog.db, { subject: 'entity:customer' })
    expect(entries.map(({ action, actor }) => `${actor}: ${action}`).toSorted()).toEqual([
      'ann: begin erasure',
      'ann: erase',
    ])
    const erased = entries.find(({ action }) => action === 'erase')
    expect(JSON.parse(erased?.detail ?? '')).toMatchObject({
      keys: 1,
      reason: 'request 17',
      removed: expect.arrayContaining([{ kind: 'feature table', place: 'features.spending', rows: 31 }]),
      facts: [{ table: 'mart.orders', rows: 32 }],
    })
    for (const hash of ['sha256', 'sha1', 'md5'] as const) {
      const { createHash } = await import('node:crypto')
      expect(JSON.stringify(entries)).not.toContain(createHash(hash).update(gone).digest('hex').slice(0, 16))
    }
    expect(await errorCode(run(shop, { reason: `asked for by ${gone}` }))).toBe('ERASE_REASON_NAMES_KEY')
  }))

test('again, it finds nothing; and rows do not come back when the facts are gone', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    await deleteFacts(shop)
    await run(shop)
    expect(await run(shop)).toMatchObject({ removed: [], facts: [] })
    await warehouse.run(
      sql`INSERT INTO mart.orders SELECT 'Bob', 1, ${warehouse.leaves.timestamp(BigInt(Date.UTC(2024, 1, 2, 12)) * 1000n)}, 1.0`,
    )
    await materialize({
      warehouse,
      catalog,
      online: shop.online,
      views: [spending, baskets],
      quality: false,
      now: '2024-02-05T00:00Z',
    })
    expect(holdsKey(await everything(warehouse, catalog))).toBe(false)
    expect(await run(shop)).toMatchObject({ removed: [] })
  }))

test('facts that still hold the entity are counted, and what is computed of them again is right', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    expect(await run(shop)).toMatchObject({ facts: [{ table: 'mart.orders', rows: 32 }] })
    await addOrders(warehouse, 31, 34)
    await materialize({
      warehouse,
      catalog,
      online: shop.online,
      views: [spending, baskets],
      quality: false,
      now: '2024-02-05T00:00Z',
    })
    const [row] = (await rowsOfTable(warehouse, 'features.spending')).filter(
      ({ customer_id: id, feature_time: at }) =>
        id === gone && at instanceof Date && at.toISOString().startsWith('2024-02-03'),
    )
    // Orders of Jan 4 to Feb 2 (days 3 to 32) lie in the 30 days before Feb 3, those of Jan 27 to Feb 2 (days 26 to 32)
    // in the last 7.
    const sum = (from: number, to: number): number =>
      Array.from({ length: to - from + 1 }, (_, i) => (((i + from) * 5) % 40) / 8).reduce((a, b) => a + b, 0)
    expect(row).toMatchObject({ amount_30d: sum(3, 32), amount_7d: sum(26, 32) })
  }))

test('an erasure is refused while a view of the entity is being materialized, and changes nothing', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    const before = await everything(warehouse, catalog)
    const held = await acquireLease(catalog, 'spending', 'somebody')
    expect(await errorCode(run(shop))).toBe('LEASE_HELD')
    expect(await run(shop, { dryRun: true })).toMatchObject({ dryRun: true })
    await held.release()
    expect(await everything(warehouse, catalog)).toBe(before)
    await run(shop)
    expect(await catalog.db.selectFrom('leases').selectAll().execute()).toEqual([])
  }))

test('two at once: each key is gone when both have ended well, and nobody else', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    await deleteFacts(shop)
    const ends = await Promise.all([gone, 'Bob'].map((id) => errorCode(run(shop, { keys: [{ customer_id: id }] }))))
    expect(ends).toContain('no error')
    for (const end of ends) expect(['no error', 'LEASE_HELD']).toContain(end)
    for (const id of [gone, 'Bob']) await run(shop, { keys: [{ customer_id: id }] })
    expect(
      [...new Set((await rowsOfTable(warehouse, 'features.spending')).map(({ customer_id: id }) => id))].toSorted(),
    ).toEqual(['Ann', 'Ann "O\'x" 77'])
  }))

describe('killed at any moment', () => {
  test('the same call ends the work, and every place is whole in between', () =>
    inPlace(async ({ warehouse, catalog }) => {
      const shop = await openShop(warehouse, catalog)
      await deleteFacts(shop)
      const total = (await rowsOfTable(warehouse, 'features.spending')).length
      for (let at = 1, ended = false; !ended; at += 3) {
        const broken = failingAfter(shop, at)
        ended = await run(broken).then(
          () => true,
          (error: unknown) => {
            expect(String(error)).toContain('the process died')
            return false
          },
        )
        expect([total, total - 31]).toContain((await rowsOfTable(warehouse, 'features.spending')).length)
        expect(await catalog.db.selectFrom('leases').selectAll().execute()).toEqual([])
      }
      expect(holdsKey(await everything(warehouse, catalog))).toBe(false)
      expect(await run(shop)).toMatchObject({ removed: [] })
    }))
})

/** Lets so many statements and removals through; all after them fail. */
function failingAfter(shop: Shop, calls: number): Shop {
  let left = calls
  const die = (): void => {
    if (left-- <= 0) throw new Error('the process died')
  }
  const dying = (warehouse: Warehouse): Warehouse =>
    new Proxy(warehouse, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name === 'session' || name === 'transaction')
          return (work: (inner: Warehouse) => Promise<unknown>) => target[name]((inner) => work(dying(inner)))
        if (name !== 'run' && name !== 'read') return value.bind(target)
        return (...args: unknown[]) => {
          die()
          return Reflect.apply(value, target, args)
        }
      },
    })
  const online: OnlineStore = {
    ...shop.online,
    remove: async (table, keys) => (die(), shop.online.remove(table, keys)),
  }
  return { ...shop, warehouse: dying(shop.warehouse), online }
}

test('keys with several columns are erased alone, and leave the other rows of their customer', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    const done = await run(shop, {
      entity: basket,
      keys: [
        { customer_id: gone, product: 1 },
        { product: 1, customer_id: gone },
      ],
    })
    expect(done).toMatchObject({ entity: 'basket', keys: 1, facts: [{ table: 'mart.orders', rows: 10 }] })
    expect(done.removed).toContainEqual({ kind: 'online rows', place: 'memory store, table baskets', rows: 1 })
    expect(
      (await rowsOfTable(warehouse, 'features.spending')).filter(({ customer_id: id }) => id === gone),
    ).toHaveLength(31)
    expect(
      (await rowsOfTable(warehouse, 'features.baskets'))
        .filter(({ customer_id: id }) => id === gone)
        .map(({ product }) => product),
    ).not.toContain(1)
    expect(
      (await rowsOfTable(warehouse, 'training.card')).filter(
        ({ customer_id: id, product }) => id === gone && product === 1,
      ),
    ).toEqual([])
  }))

test('rows of removed views go, too, and tables that nobody can tell of are named and left', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = await openShop(warehouse, catalog)
    await applyDefinitions(catalog, await planDefinitions(catalog, [baskets]), { allowDrop: true })
    await ensureTable(warehouse, {
      table: 'features.of_another_tool',
      columns: [
        { name: 'customer_id', type: 'text' },
        { name: 'other', type: 'text' },
        { name: 'feature_time', type: 'timestamp' },
      ],
    })
    await warehouse.run(
      sql`INSERT INTO features.of_another_tool SELECT ${gone}, 'x', ${warehouse.leaves.timestamp(0n)}`,
    )
    const done = await run(shop)
    expect(done.removed.map(({ place }) => place)).toContain('features.spending')
    expect(done.unreached.join('\n')).toMatch(
      /^features\.of_another_tool: it has the key columns of customer, but no definition says whom its rows are about/,
    )
    expect(await rowsOfTable(warehouse, 'features.of_another_tool')).toHaveLength(1)
    await dropTable(warehouse, 'features.of_another_tool')
  }))

test('without an online store the answer says that its rows stay', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const { online: _, ...shop } = await openShop(warehouse, catalog)
    const done = await erase({ ...shop, entity: customer, keys: [{ customer_id: gone }] })
    expect(done.unreached).toContain('the online store: none was given')
    expect(await warehouse.introspect('features.spending')).toBeDefined()
    expect(await rowsOfTable(warehouse, 'features.spending')).toHaveLength(3 * 31)
  }))

test('keys that cannot be used are refused before anything is done, and are not repeated', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const shop = { warehouse, catalog, online: openMemoryStore() }
    for (const keys of [[], [{}], [{ customer_id: 7 }], [{ customer_id: 'secret', product: 1 }]]) {
      const error: unknown = await run(shop, { keys }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERASE_KEYS_INVALID' })
      expect(String(error)).not.toContain('secret')
    }
    expect(await auditLog(catalog.db)).toEqual([])
  }))
