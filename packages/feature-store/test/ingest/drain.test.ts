import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  drain,
  drainedPosition,
  fact,
  openIntake,
  openMemoryStore,
  replay,
  source,
  sourceProgress,
} from '@martlet/feature-store'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { account, paymentFact, payments } from './payments.ts'

let warehouse: Warehouse
let store: ReturnType<typeof openMemoryStore>
beforeEach(async () => {
  warehouse = await openTestWarehouse()
  store = openMemoryStore()
})
afterEach(async () => {
  await store.close()
  await warehouse.close()
})

const journal = () => {
  if (store.events === undefined) throw new Error('no events')
  return store.events
}
const payment = (id: string, more: object = {}) => ({
  payment_id: id,
  account_id: 'a1',
  amount: '12.50',
  ts: '2026-11-30T10:00:00.123456Z',
  ...more,
})
let clock = 1_796_000_000_000_000n
const push = async (...events: readonly (object | string)[]) => {
  const intake = openIntake(payments.plan, journal())
  const bodies = events.map((event) => ({
    body: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
  }))
  clock += 1_000_000n
  return intake.append(intake.read(bodies, { arrived: clock, origin: () => 'push' }))
}
const run = (batch = 20_000) => drain({ warehouse, source: payments.plan, events: journal(), batch })
/** Rows in the order in which the table has them where that is one. */
const rows = async (table: string, order: string) =>
  rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY ${sql.id(order)}`))
const state = async () => ({
  raw: await rows('raw.payments', '_position'),
  rejected: await rows('raw.payments_rejected', '_position'),
  fact: await rows('mart.payments', 'payment_id'),
})

describe('drain', () => {
  test('brings every event into raw, valid ones into the fact, and the others into the quarantine', async () => {
    await push(
      payment('p1', {
        channel: 'card',
        rate: 0.25,
        sequence_no: '9007199254740993',
        urgent: true,
        booked_on: '2026-11-30',
        more: { x: 1 },
      }),
      payment('p2', { amount: -1, ts: null }),
      'not json',
    )
    await push(payment('p3', { ts: '2026-11-30T11:00:00+01:00' }))
    expect(await run()).toEqual({ source: 'payments', position: 4n, lag: 0n, events: 4, rejected: 2 })
    const { raw, rejected, fact } = await state()
    expect(raw.map((row) => [row['_position'], row['_id'], row['_origin']])).toEqual([
      [1, 'p1', 'push'],
      [2, expect.stringMatching(/^rejected:/), 'push'],
      [3, expect.stringMatching(/^rejected:/), 'push'],
      [4, 'p3', 'push'],
    ])
    expect(raw[2]?.['_event']).toBe('not json')
    expect(rejected.map((row) => [row['_position'], row['_reason'], row['_place']])).toEqual([
      [
        2,
        'amount must be a number of at least 0; ts is missing; it must be an instant such as 2026-01-31T09:30:00Z',
        'amount, ts',
      ],
      [3, 'it is not JSON in UTF-8', ''],
    ])
    const arrived = new Date(Number(clock / 1000n))
    expect(fact).toEqual(
      [
        {
          payment_id: 'p1',
          account_id: 'a1',
          amount: '12.50',
          channel: 'card',
          rate: 0.25,
          sequence_no: 9_007_199_254_740_993n,
          urgent: true,
          booked_on: new Date('2026-11-30T00:00:00Z'),
          ts: new Date('2026-11-30T10:00:00.123Z'),
          arrived_at: new Date(arrived.getTime() - 1000),
        },
        {
          payment_id: 'p3',
          account_id: 'a1',
          amount: '12.50',
          channel: null,
          rate: null,
          sequence_no: null,
          urgent: null,
          booked_on: null,
          ts: new Date('2026-11-30T10:00:00Z'),
          arrived_at: arrived,
        },
      ].map((row) => expect.objectContaining({ ...row, amount: expect.anything() })),
    )
    const { epochMicros } = warehouse.leaves
    const [micros] = rowsOf(
      await warehouse.read(
        sql`SELECT ${epochMicros(sql`ts`)} AS ts, amount = 12.5 AS exact FROM mart.payments ORDER BY payment_id`,
      ),
    )
    expect(micros).toEqual({ ts: 1_796_032_800_123_456, exact: true })
  })

  test('trims the journal, and does nothing when it is run again', async () => {
    await push(payment('p1'), payment('p2'))
    await run(1)
    expect(await journal().read('payments', 0n, 10)).toEqual([])
    const before = await state()
    expect(await run()).toEqual({ source: 'payments', position: 2n, lag: 0n, events: 0, rejected: 0 })
    expect(await state()).toEqual(before)
    expect(await drainedPosition(warehouse, 'payments')).toBe(2n)
    expect(await sourceProgress(warehouse)).toMatchObject([{ source: 'payments', drained: 2n, landed: 2n }])
    await push(payment('p3'))
    await run()
    expect((await state()).raw.map((row) => row['_position'])).toEqual([1, 2, 3])
  })

  test('brings a row once whose id the table has already', async () => {
    await push(payment('p1', { amount: 1 }))
    await run()
    // The same event by another way, which the journal does not know.
    const intake = openIntake(payments.plan, journal())
    await warehouse.run(sql`UPDATE mart.payments SET account_id = 'changed' WHERE payment_id = 'p1'`)
    await warehouse.run(
      sql`
        INSERT INTO mart.payments (payment_id, account_id, amount, ts, arrived_at)
        SELECT 'p2', 'by hand', amount, ts, arrived_at FROM mart.payments
      `,
    )
    const bodies = ['p2', 'p3'].map((id) => ({ body: Buffer.from(JSON.stringify(payment(id))) }))
    await intake.append(intake.read(bodies, { arrived: clock, origin: () => 'push' }))
    await run()
    expect((await state()).fact.map((row) => [row['payment_id'], row['account_id']])).toEqual([
      ['p1', 'changed'],
      ['p2', 'by hand'],
      ['p3', 'a1'],
    ])
    expect((await state()).raw).toHaveLength(3)
  })

  test('takes turns with another one at the same time', async () => {
    const events = Array.from({ length: 60 }, (_, index) => payment(`p${String(index).padStart(2, '0')}`))
    await push(...events, 'bad')
    const reports = await Promise.all([run(7), run(11), run(20)])
    expect(reports.map(({ position }) => position)).toEqual([61n, 61n, 61n])
    expect(reports.reduce((sum, report) => sum + report.events, 0)).toBe(61)
    const { raw, fact, rejected } = await state()
    expect(raw.map((row) => row['_position'])).toEqual(Array.from({ length: 61 }, (_, index) => index + 1))
    expect([fact.length, rejected.length]).toEqual([60, 1])
  })

  test('refuses to go on where the journal lacks events, unless that is accepted', async () => {
    await push(payment('p1'), payment('p2'), payment('p3'))
    await journal().trim('payments', 2n)
    await expect(run()).rejects.toMatchObject({ code: 'INGEST_GAP', data: { drained: '0', first: '3' } })
    const options = { warehouse, source: payments.plan, events: journal(), acceptGap: true }
    expect(await drain(options)).toMatchObject({ position: 3n, events: 1 })
    await push(payment('p4'))
    await journal().trim('payments', 4n)
    await expect(run()).rejects.toMatchObject({ code: 'INGEST_GAP' })
  })

  test('keeps the events of a journal that is not the one that the warehouse has taken', async () => {
    await push(payment('p1'), payment('p2'), payment('p3'))
    await run()
    await store.close()
    store = openMemoryStore()
    await expect(run()).rejects.toMatchObject({ code: 'INGEST_GAP', data: { drained: '3', newest: '0' } })
    await push(payment('p4'), payment('p5'))
    await expect(run()).rejects.toMatchObject({ code: 'INGEST_GAP', data: { drained: '3', newest: '2' } })
    expect(await journal().read('payments', 0n, 10)).toHaveLength(2)
    const options = { warehouse, source: payments.plan, events: journal(), acceptGap: true }
    expect(await drain(options)).toMatchObject({ position: 2n, lag: 0n, events: 2 })
    expect((await state()).fact.map((row) => row['payment_id'])).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
    expect((await state()).raw.map((row) => row['_position'])).toEqual([1, 2, 3, 4, 5])
    await store.close()
    store = openMemoryStore()
    expect(await drain({ ...options, events: journal() })).toMatchObject({ position: 0n, events: 0 })
    await push(payment('p6'))
    expect(await run()).toMatchObject({ position: 1n, events: 1 })
  })

  test('goes no further than the journal, whatever position it is told', async () => {
    await push(payment('p1'))
    const options = { warehouse, source: payments.plan, events: journal(), upTo: 10n }
    expect(await drain(options)).toMatchObject({ position: 1n, events: 1 })
    await push(payment('p2'))
    expect(await drain({ ...options, acceptGap: true })).toMatchObject({ position: 2n, events: 1 })
  })

  test('names the columns that the table lacks', async () => {
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(sql`CREATE TABLE mart.payments (payment_id VARCHAR, account_id VARCHAR)`)
    await push(payment('p1'))
    await expect(run()).rejects.toMatchObject({
      code: 'INGEST_TABLE_MISMATCH',
      message: expect.stringContaining('lacks amount, channel'),
    })
    expect(await journal().read('payments', 0n, 10)).toHaveLength(1)
  })

  test('stops when it is told to, and goes on later', async () => {
    await push(...Array.from({ length: 10 }, (_, index) => payment(`p${index}`)))
    const stopping = new AbortController()
    const onProgress = () => stopping.abort()
    const options = { warehouse, source: payments.plan, events: journal(), batch: 3, onProgress }
    await expect(drain({ ...options, signal: stopping.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await drainedPosition(warehouse, 'payments')).toBe(3n)
    await run()
    expect((await state()).fact).toHaveLength(10)
  })

  test('keeps bytes that are no text, and texts with every character', async () => {
    const odd = payment('\u{1F600}\n"\\', { account_id: "'; DROP TABLE x; --" })
    await push(odd, payment('p2', { account_id: 'base64:' }))
    const intake = openIntake(payments.plan, journal())
    const bodies = [{ body: Buffer.from([0xff, 0x7b, 0x00]) }, { body: Buffer.from('base64:e30=') }]
    await intake.append(intake.read(bodies, { arrived: clock, origin: () => 'push' }))
    await run()
    const before = await state()
    expect(before.fact.map((row) => row['account_id']).toSorted()).toEqual(["'; DROP TABLE x; --", 'base64:'])
    expect(before.raw.map((row) => row['_event'])).toEqual([
      JSON.stringify(odd),
      JSON.stringify(payment('p2', { account_id: 'base64:' })),
      'base64:/3sA',
      `base64:${Buffer.from('base64:e30=').toString('base64')}`,
    ])
    expect(before.rejected.map((row) => row['_reason'])).toEqual(['it is not JSON in UTF-8', 'it is not JSON in UTF-8'])
    await replay({ warehouse, source: payments.plan })
    expect(await state()).toEqual(before)
  })
})

describe('replay', () => {
  test('gives the same tables, and leaves rows whose ids no event has', async () => {
    await push(payment('p1'), payment('p2', { amount: 'x' }), payment('p3'))
    await push(payment('p4', { channel: 'transfer' }), 'bad')
    await run(2)
    await warehouse.run(
      sql`
        INSERT INTO mart.payments (payment_id, account_id, amount, ts, arrived_at)
        SELECT 'own', 'own', amount, ts, arrived_at FROM mart.payments WHERE payment_id = 'p1'
      `,
    )
    const before = await state()
    expect(await replay({ warehouse, source: payments.plan })).toEqual({
      source: 'payments',
      events: 5,
      rows: 3,
      rejected: 2,
    })
    expect(await state()).toEqual(before)
    await warehouse.run(sql`DELETE FROM mart.payments WHERE payment_id IN ('p1', 'p4')`)
    await warehouse.run(sql`UPDATE mart.payments SET account_id = 'broken' WHERE payment_id = 'p3'`)
    await warehouse.run(sql`DELETE FROM raw.payments_rejected`)
    await replay({ warehouse, source: payments.plan })
    expect(await state()).toEqual(before)
  })

  test('reads with the definition of today: what was refused becomes a row, and the other way round', async () => {
    await push(payment('p1', { channel: 'cash' }), payment('p2', { channel: 'card' }), payment('p3', { rate: 'high' }))
    await run()
    expect((await state()).fact.map((row) => row['payment_id'])).toEqual(['p2'])
    const { columns } = paymentFact.plan
    const changed = {
      ...payments.plan,
      into: {
        ...paymentFact.plan,
        columns: columns.map((column) =>
          column.name === 'channel'
            ? { ...column, checks: [{ kind: 'enum' as const, values: ['cash', 'transfer'] }] }
            : column,
        ),
      },
    }
    expect(await replay({ warehouse, source: changed })).toMatchObject({ rows: 1, rejected: 2 })
    const { fact, rejected } = await state()
    expect(fact.map((row) => row['payment_id'])).toEqual(['p1'])
    expect(rejected.map((row) => row['_place'])).toEqual(['channel', 'rate'])
    await replay({ warehouse, source: payments.plan })
    expect((await state()).fact.map((row) => row['payment_id'])).toEqual(['p2'])
  })

  test('an id of several columns, and a fact of decimals that doubles hold', async () => {
    const pair = source('pairs', { into: paymentFact, id: ['account_id', 'payment_id'], arrived: 'arrived_at' })
    const intake = openIntake(pair.plan, journal())
    const bodies = ['x', 'y', 'x'].map((account_id) => ({
      body: Buffer.from(JSON.stringify(payment('p1', { account_id }))),
    }))
    const taken = await intake.append(intake.read(bodies, { arrived: clock, origin: () => 'push' }))
    expect(taken).toMatchObject({ accepted: 2, repeated: 1 })
    await drain({ warehouse, source: pair.plan, events: journal() })
    const raw = await rows('raw.pairs', '_position')
    expect(raw.map((row) => row['_id'])).toEqual(['["x","p1"]', '["y","p1"]'])
    expect(await replay({ warehouse, source: pair.plan })).toMatchObject({ events: 2, rows: 2, rejected: 0 })
  })

  test('a table whose columns are called like ours', async () => {
    const named = fact('mart.named', {
      columns: {
        payment_id: z.string(),
        account_id: z.string(),
        ts: z.date(),
        _position: z.string(),
        nth: z.string(),
        staged: z.string(),
        _event: z.string(),
        constructor: z.string(),
      },
      entities: [account],
      eventTime: 'ts',
    })
    const { plan } = source('named', { into: named, id: ['payment_id'] })
    const intake = openIntake(plan, journal())
    const own = { _position: 'a', nth: 'b', staged: 'c', _event: 'd', constructor: 'e' }
    const bodies = ['p1', 'p2'].map((id) => ({ body: Buffer.from(JSON.stringify(payment(id, own))) }))
    await intake.append(intake.read(bodies, { arrived: clock, origin: () => 'push' }))
    await drain({ warehouse, source: plan, events: journal() })
    const before = await rows('mart.named', 'payment_id')
    expect(before).toMatchObject([own, own])
    expect(await replay({ warehouse, source: plan })).toMatchObject({ rows: 2, rejected: 0 })
    expect(await rows('mart.named', 'payment_id')).toEqual(before)
  })
})
