import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import {
  debezium,
  dimension,
  drain,
  entity,
  fact,
  ingestFiles,
  openIntake,
  openMemoryStore,
  replay,
  source,
} from '@martlet/feature-store'
import { openTestWarehouse } from '../../../../warehouse/test/support/engine.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const customer = entity('customer', { customer_id: z.int() })
const columns = { customer_id: z.int(), tier: z.string().nullable() }
const customers = dimension('mart.customers', {
  columns: { ...columns, changed_at: z.date(), gone_at: z.date().nullable() },
  entity: customer,
})
const history = dimension('mart.dim_customer', {
  columns: { ...columns, valid_from: z.date(), valid_to: z.date().nullable() },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
const changes = source('customers', {
  into: customers,
  id: ['customer_id'],
  format: debezium({ history, deletes: { mark: 'gone_at' }, committed: 'changed_at' }),
})

const day = (n: number): number => Date.UTC(2026, 0, n)
const iso = (n: number): string => new Date(day(n)).toISOString()
const message = (op: string, lsn: number, after: object | null, before: object | null = null): string =>
  JSON.stringify({ op, before, after, source: { connector: 'postgresql', snapshot: 'false', lsn, ts_ms: day(lsn) } })

async function rows(table: string): Promise<readonly string[]> {
  const all = rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)}`))
  return all
    .map((row) =>
      Object.values(row)
        .map((value) => (value instanceof Date ? value.toISOString() : String(value)))
        .join(' '),
    )
    .toSorted()
}

it('changes that are pushed become rows and intervals, with what is wrong in the quarantine; a replay gives the same', async () => {
  const store = openMemoryStore()
  const journal = store.events
  if (journal === undefined) throw new Error('the store has no journal')
  const intake = openIntake(changes.plan, journal)
  const take = async (events: readonly { readonly body: string; readonly key?: string }[]) =>
    intake.append(
      intake.read(
        events.map(({ body, key }) => ({
          body: Buffer.from(body),
          ...(key === undefined ? {} : { key: Buffer.from(key) }),
        })),
        { arrived: 1_796_000_000_000_000n, origin: () => 'push' },
      ),
    )
  const created = message('c', 2, { customer_id: 1, tier: 'basic' })
  const taken = await take([
    { body: message('u', 5, { customer_id: 1, tier: 'plus' }) },
    { body: created },
    { body: created },
    { body: message('q', 6, { customer_id: 1, tier: 'plus' }) },
    { body: message('c', 3, { customer_id: 2, tier: 'basic' }) },
    // A deletion whose key is in the message's key alone, as Kafka has it, and its tombstone.
    { body: message('d', 7, null), key: '{"customer_id":2}' },
    { body: '', key: '{"customer_id":2}' },
  ])
  expect(taken).toMatchObject({ accepted: 5, repeated: 1, rejected: [{ index: 3, reasons: [{ path: 'op' }] }] })
  const run = () => drain({ warehouse, source: changes.plan, events: journal })
  expect(await run()).toMatchObject({ events: 6, rejected: 1 })
  const expected = {
    'mart.customers': [`1 plus ${iso(5)} null`, `2 basic ${iso(3)} ${iso(7)}`],
    'mart.dim_customer': [`1 basic ${iso(2)} ${iso(5)}`, `1 plus ${iso(5)} null`, `2 basic ${iso(3)} ${iso(7)}`],
  }
  const tables = async () => ({
    'mart.customers': await rows('mart.customers'),
    'mart.dim_customer': await rows('mart.dim_customer'),
  })
  expect(await tables()).toStrictEqual(expected)
  const rejected = await rows('raw.customers_rejected')
  expect(rejected).toHaveLength(1)
  expect(rejected[0]).toContain('op must be c, u, d, r or t, not "q" op')
  const raw = rowsOf<{ _event: string }>(
    await warehouse.read(
      sql`SELECT ${sql.id('_event')} FROM ${tableRef('raw.customers')} ORDER BY ${sql.id('_position')}`,
    ),
  )
  expect(raw.at(-1)?._event).toBe('{"key":{"customer_id":2},"value":null}')

  expect(await replay({ warehouse, source: changes.plan })).toMatchObject({ events: 6, rejected: 1 })
  expect(await tables()).toStrictEqual(expected)
  expect(await rows('raw.customers_rejected')).toStrictEqual(rejected)

  // What comes later goes on from there.
  await take([{ body: message('t', 9, null) }, { body: message('c', 10, { customer_id: 1, tier: 'new' }) }])
  await run()
  expect((await tables())['mart.dim_customer']).toStrictEqual([
    `1 basic ${iso(2)} ${iso(5)}`,
    `1 new ${iso(10)} null`,
    `1 plus ${iso(5)} ${iso(9)}`,
    `2 basic ${iso(3)} ${iso(7)}`,
  ])
  await store.close()
})

it('what is not UTF-8 is refused by push, drain, files and replay alike, and a byte order mark says nothing', async () => {
  const { plan } = source('encoded', {
    into: dimension('mart.encoded', { columns, entity: customer }),
    id: ['customer_id'],
    format: debezium(),
  })
  const created = (id: number): string => message('c', id, { customer_id: id, tier: 'é' })
  const latin = (id: number): Buffer => Buffer.from(created(id), 'latin1')
  const marked = (id: number): Buffer => Buffer.from(`\ufeff${created(id)}`)
  const key = Buffer.from('{"customer_id":1}')
  const store = openMemoryStore()
  const journal = store.events
  if (journal === undefined) throw new Error('the store has no journal')
  const intake = openIntake(plan, journal)
  const taken = await intake.append(
    intake.read(
      [
        { body: latin(1) },
        { body: latin(1), key },
        { body: marked(2) },
        { body: marked(3), key: Buffer.from('{"customer_id":3}') },
        // A key that cannot be read is none, rather than the key of another row.
        { body: Buffer.from(message('d', 9, null)), key: Buffer.from('"é"', 'latin1') },
      ],
      { arrived: 0n, origin: () => 'push' },
    ),
  )
  expect(taken.rejected.map(({ index }) => index)).toStrictEqual([0, 1, 4])
  await drain({ warehouse, source: plan, events: journal })
  const folder = await mkdtemp(join(tmpdir(), 'martlet-encoded-'))
  await writeFile(join(folder, 'a.jsonl'), Buffer.concat([marked(4), Buffer.from('\n'), latin(5), Buffer.from('\n')]))
  await writeFile(join(folder, 'b.jsonl'), marked(6))
  expect(await ingestFiles({ warehouse, source: plan, from: folder })).toMatchObject({ events: 3, rejected: 1 })
  const tables = async () => ({
    rows: await rows('mart.encoded'),
    rejected: (await rows('raw.encoded_rejected')).filter((row) => row.includes('it is not UTF-8')).length,
  })
  const expected = { rows: ['2 é', '3 é', '4 é', '6 é'], rejected: 2 }
  expect(await tables()).toStrictEqual(expected)
  await replay({ warehouse, source: plan })
  expect(await tables()).toStrictEqual(expected)
  await rm(folder, { recursive: true })
  await store.close()
})

it('a fact gets inserts as rows, with when they were committed', async () => {
  const payments = fact('mart.paid', {
    columns: { payment_id: z.string(), customer_id: z.int(), at: z.date(), known_at: z.date() },
    entities: [customer],
    eventTime: 'at',
    knownAt: 'known_at',
  })
  const plan = source('paid', { into: payments, id: ['payment_id'], format: debezium({ committed: 'known_at' }) }).plan
  const store = openMemoryStore()
  const journal = store.events
  if (journal === undefined) throw new Error('the store has no journal')
  const read = openIntake(plan, journal)
  const body = Buffer.from(message('c', 3, { payment_id: 'p1', customer_id: 1, at: '2026-01-01T00:00:00Z' }))
  await read.append(read.read([{ body }], { arrived: 0n, origin: () => 'push' }))
  await drain({ warehouse, source: plan, events: journal })
  expect(await rows('mart.paid')).toStrictEqual([`p1 1 ${iso(1)} ${iso(3)}`])
  await store.close()
})

it('says what is wrong with a definition', () => {
  const wrong: readonly [Parameters<typeof debezium>[0], RegExp][] = [
    [{ deletes: { mark: 'no' } }, /deletes marks column 'no', which its table does not have/],
    [{ deletes: { mark: 'tier' } }, /must be of booleans, or of times that may be null/],
    [{ committed: 'tier' }, /committed is 'tier', which is no column of times/],
    [{ columns: { other: 'Date' } }, /has a type for column 'other', which no table of the source has/],
  ]
  for (const [options, text] of wrong)
    expect(() => source('customers', { into: customers, id: ['customer_id'], format: debezium(options) })).toThrow(text)
  expect(() =>
    source('customers', { into: customers, id: ['customer_id'], arrived: 'changed_at', format: debezium() }),
  ).toThrow(/committed/)
  expect(() => source('customers', { into: history, id: ['customer_id'], format: debezium({ history }) })).toThrow(
    /which gets the newest versions already/,
  )
})
