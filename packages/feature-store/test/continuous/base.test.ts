import { columnBatch, dropTable, ensureTable, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { decimal, entity, fact, featureView } from '../../src/index.ts'
import { baseEventsSql, newestEventSql } from '../../src/continuous/base-events.ts'
import { baseRows } from '../../src/continuous/base-rows.ts'
import { stateLayout } from '../../src/continuous/layout.ts'
import { continuousRows, type ContinuousRow, type KeptState } from '../../src/continuous/reading.ts'
import { tailWriter } from '../../src/continuous/tail-writer.ts'
import type { TailPart } from '../../src/online/events/event-store.ts'
import type { Value } from '../../src/vocabulary/algebra/value.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const MINUTE = 60_000_000n
const START = BigInt(Date.UTC(2024, 0, 1)) * 1000n

const account = entity('account', { bank: z.string(), account_id: z.int() })
const columns = {
  bank: z.string(),
  account_id: z.int(),
  at: z.date(),
  arrived: z.date().nullable(),
  seq: z.int(),
  x: z.number().nullable(),
  n: z.int().nullable(),
  money: decimal(12, 2).nullable(),
  wide: decimal(30, 4).nullable(),
  kind: z.enum(['card', 'wire']).nullable(),
  flag: z.boolean().nullable(),
  day: z.iso.date().nullable(),
}
const entries = fact('mart.entries', {
  columns,
  entities: [account],
  eventTime: 'at',
  knownAt: 'arrived',
  sequence: 'seq',
})

const view = featureView('velocity', {
  of: account,
  from: entries,
  every: '5m',
  features: (f) => ({
    events: f.count().over('5m', '7h'),
    x: f.sum('x').over('5m', '7h'),
    spread: f.stddev('x').over('7h'),
    big: f
      .sum('money')
      .where((r) => r.money.gt(10).and(r.kind.eq('card')))
      .over('5m', '7h'),
    cost: f.mean((r) => r.x.mul(r.n).add(1)).over('7h'),
    wide: f.sum('wide').over('7h'),
    share: f
      .ratio(
        f.count().where((r) => r.flag),
        f.count(),
      )
      .over('7h'),
    any_wire: f.any((r) => r.kind.eq('wire')).over('7h'),
    all_wire: f.all((r) => r.kind.eq('wire')).over('7h'),
    kind: f.last('kind'),
    first_day: f.first('day'),
    last_day: f.max('day').over('7h'),
    by_kind: f.sum('x').by('kind', ['card', 'wire']).over('7h'),
  }),
  derive: (v) => ({
    twice: v.x_7h.mul(2).sub(v.x_5m),
    rate: v.events_5m.div(v.events_7h),
  }),
})
const layout = stateLayout(view.plan)

interface Entry {
  readonly bank: string | null
  readonly account_id: bigint
  readonly at: bigint
  readonly arrived: bigint | null
  readonly seq: bigint
  readonly x: number | null
  readonly n: bigint | null
  readonly money: bigint | null
  readonly wide: bigint | null
  readonly kind: string | null
  readonly flag: boolean | null
  readonly day: bigint | null
}
const DAY = 86_400_000_000n
const anyEntry: fc.Arbitrary<Entry> = fc
  .record({
    bank: fc.constantFrom('a', 'a', 'ab', '', 'ü'),
    account_id: fc.constantFrom(1n, -2n),
    at: fc.oneof(
      fc.integer({ min: -2000, max: 700 }).map((m) => START + BigInt(m) * MINUTE),
      fc.integer({ min: 0, max: 42_000 }).map((s) => START + BigInt(s) * 1_000_000n + 1n),
    ),
    late: fc.constantFrom(0n, 0n, MINUTE, 90n * MINUTE, null),
    seq: fc.constantFrom(0n, 1n),
    x: fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(null, 0.1, -0.1, 1e-12, 1e15)),
    n: fc.oneof(fc.bigInt({ min: -1000n, max: 1000n }), fc.constant(null)),
    money: fc.oneof(fc.bigInt({ min: -5000n, max: 5000n }), fc.constant(null)),
    wide: fc.oneof(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n }), fc.constant(null)),
    kind: fc.constantFrom('card', 'wire', null),
    flag: fc.constantFrom(true, false, null),
    day: fc.oneof(
      fc.integer({ min: -3, max: 3 }).map((d) => START + BigInt(d) * DAY),
      fc.constant(null),
    ),
  })
  .map(({ late, ...entry }) => ({ ...entry, arrived: late === null ? null : entry.at + late }))

const types = Object.fromEntries(entries.plan.columns.map(({ name, type }) => [name, type]))

async function load(rows: readonly Entry[]): Promise<void> {
  await dropTable(warehouse, 'mart.entries')
  await ensureTable(warehouse, {
    table: 'mart.entries',
    columns: Object.entries(types).map(([name, type]) => ({ name, type })),
  })
  if (rows.length === 0) return
  const of = <K extends keyof Entry>(name: K): readonly Entry[K][] => rows.map((row) => row[name])
  await warehouse.append(
    'mart.entries',
    columnBatch({
      bank: { type: 'text', values: of('bank') },
      account_id: { type: 'bigint', values: of('account_id') },
      at: { type: 'timestamp', values: of('at') },
      arrived: { type: 'timestamp', values: of('arrived') },
      seq: { type: 'bigint', values: of('seq') },
      x: { type: 'double', values: of('x') },
      n: { type: 'bigint', values: of('n') },
      money: { type: { decimal: [12, 2] }, values: of('money') },
      wide: { type: { decimal: [30, 4] }, values: of('wide') },
      kind: { type: 'text', values: of('kind') },
      flag: { type: 'boolean', values: of('flag') },
      day: { type: 'date', values: of('day').map((day) => (day === null ? null : Number(day / DAY))) },
    }),
  )
}

type Rows = ReadonlyMap<string, ContinuousRow | undefined>
const read = continuousRows(layout)
const rowAt = (state: KeptState, at: bigint): ContinuousRow | undefined => read(state, { closedAt: at, by: at })

/** The rows from bases that the warehouse gives. */
async function fromBases(border: bigint, t: bigint): Promise<Rows> {
  const rows = new Map<string, ContinuousRow | undefined>()
  const batches = warehouse.stream(baseEventsSql(warehouse.leaves, layout, { closedAt: border, by: border }))
  for await (const made of baseRows(layout, batches, { border: { closedAt: border, by: border }, position: 7n }))
    for (const { key, time, value } of made) {
      expect(time).toBe(7n)
      rows.set(Buffer.from(key).toString('hex'), rowAt({ base: Uint8Array.from(value), tail: [] }, t))
    }
  return rows
}

/** The rows from tails alone. */
function fromTails(given: readonly Entry[], t: bigint): Rows {
  const write = tailWriter([layout], entries.plan.columns)
  const events = given.map((entry) => {
    const byName: Readonly<Record<string, Value>> = { ...entry }
    return { values: entries.plan.columns.map(({ name }) => byName[name] ?? null), time: entry.at }
  })
  const tails = new Map<string, TailPart[]>()
  for (const [index, writes] of write(events).entries())
    for (const { key, time, value } of writes) {
      const name = Buffer.from(key).toString('hex')
      const part = { position: BigInt(index + 1), time, kind: 'event', value } as const
      tails.set(name, [...(tails.get(name) ?? []), part])
    }
  return new Map([...tails].map(([name, tail]) => [name, rowAt({ base: undefined, tail }, t)]))
}

const sorted = (rows: Rows): readonly unknown[] =>
  [...rows].filter(([, row]) => row !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1))

test(
  'bases that the warehouse gives and tails that the process writes have the same rows',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEntry, { maxLength: 60 }),
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 0, max: 400 }),
        async (rows, minute, later) => {
          await load(rows)
          const border = START + BigInt(minute) * MINUTE
          const t = border + BigInt(later) * 17_000_001n
          const kept = sorted(fromTails(rows, t))
          expect(sorted(await fromBases(border, t))).toEqual(kept)
          const { columns: found } = await warehouse.read(newestEventSql(warehouse.leaves, layout, border))
          const newest = rows
            .filter(({ arrived }) => arrived !== null && arrived <= border)
            .reduce<bigint | null>((most, { at }) => (most === null || at > most ? at : most), null)
          const vector = found[0]
          expect(vector?.nulls?.[0] === 1 ? null : BigInt(vector?.values[0] ?? 0)).toBe(newest)
        },
      ),
      { numRuns: runsOf(25) },
    )
  },
)

test('an event without a key is in no tail, and a view that needs more than the event is refused', () => {
  const write = tailWriter([layout], entries.plan.columns)
  const nothing = entries.plan.columns.map(({ name }): Value =>
    name === 'account_id' ? null : name === 'bank' ? 'a' : null,
  )
  expect(write([{ values: nothing, time: START }])).toEqual([[]])
  const ordered = fact('mart.entries', { columns, entities: [account], eventTime: 'at', sequence: 'seq' })
  const previous = featureView('gaps', {
    of: account,
    from: ordered,
    every: '5m',
    features: (f) => ({ gap: f.mean((r) => r.sincePrevious()).over('7h') }),
  })
  expect(() => tailWriter([stateLayout(previous.plan)], entries.plan.columns)).toThrow(/more than the event itself/)
  const short = entries.plan.columns.filter(({ name }) => name !== 'money')
  expect(() => tailWriter([layout], short)).toThrow(/without the column money/)
})
