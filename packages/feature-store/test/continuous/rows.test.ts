import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { decimal, entity, fact, featureView } from '../../src/index.ts'
import { exactOf, nearest } from '../../src/continuous/exact.ts'
import type { ContinuousEvent } from '../../src/continuous/continuous-event.ts'
import { foldTails } from '../../src/continuous/fold.ts'
import { stateLayout } from '../../src/continuous/layout.ts'
import { continuousRows, type ContinuousRow, type KeptState } from '../../src/continuous/reading.ts'
import { Summary } from '../../src/continuous/summary.ts'
import { writeTailEvent } from '../../src/continuous/tail-value.ts'
import { ByteWriter } from '../../src/online/byte-writer.ts'
import type { TailPart } from '../../src/online/events/event-store.ts'
import { hopOf } from '../../src/plan/time/hop.ts'
import { decimalText } from '@martlet/warehouse'
import type { Value } from '../../src/vocabulary/algebra/value.ts'
import { aggregateAnswer } from '../oracle/exact/aggregate-answer.ts'
import { agree } from '../oracle/exact/agree.ts'
import type { Row } from '../oracle/row.ts'

const MINUTE = 60_000_000n
const START = BigInt(Date.UTC(2024, 0, 1)) * 1000n

const account = entity('account', { account_id: z.int() })
const entries = fact('mart.entries', {
  columns: {
    account_id: z.int(),
    at: z.date(),
    seq: z.int(),
    x: z.number().nullable(),
    n: z.int().nullable(),
    money: decimal(12, 2).nullable(),
    label: z.string().nullable(),
    day: z.date().nullable(),
    flag: z.boolean().nullable(),
  },
  entities: [account],
  eventTime: 'at',
  sequence: 'seq',
})

const DURATIONS = { '5m': 5n * MINUTE, '90m': 90n * MINUTE, '7h': 420n * MINUTE } as const
const lengths = ['5m', '90m', '7h'] as const
const windows = [...lengths, 'lifetime'] as const

const view = featureView('velocity', {
  of: account,
  from: entries,
  every: '5m',
  features: (f) => ({
    events: f.count().over(...lengths),
    events_all: f.count().lifetime(),
    x_sum: f.sum('x').over(...lengths),
    x_sum_all: f.sum('x').lifetime(),
    x_mean: f.mean('x').over(...lengths),
    x_mean_all: f.mean('x').lifetime(),
    x_variance: f.variance('x').over(...lengths),
    x_variance_all: f.variance('x').lifetime(),
    x_stddev: f.stddev('x').over(...lengths),
    x_stddev_all: f.stddev('x').lifetime(),
    x_min: f.min('x').over(...lengths),
    x_min_all: f.min('x').lifetime(),
    x_max: f.max('x').over(...lengths),
    x_max_all: f.max('x').lifetime(),
    n_sum: f.sum('n').over(...lengths),
    n_sum_all: f.sum('n').lifetime(),
    money_sum: f.sum('money').over(...lengths),
    money_sum_all: f.sum('money').lifetime(),
    money_mean: f.mean('money').over(...lengths),
    money_mean_all: f.mean('money').lifetime(),
    money_stddev: f.stddev('money').over(...lengths),
    money_stddev_all: f.stddev('money').lifetime(),
    label_last: f.last('label').over(...lengths),
    label_last_all: f.last('label').lifetime(),
    label_first: f.first('label').over(...lengths),
    label_first_all: f.first('label').lifetime(),
    day_max: f.max('day').over(...lengths),
    day_max_all: f.max('day').lifetime(),
    flag_last: f.last('flag').over(...lengths),
    flag_last_all: f.last('flag').lifetime(),
  }),
})
const layout = stateLayout(view.plan)
const read = continuousRows(layout)
const rowAt = (state: KeptState, at: bigint): ContinuousRow | undefined => read(state, { closedAt: at, by: at })

interface Entry {
  readonly time: bigint
  readonly since: bigint
  readonly seq: number
  readonly x: number | null
  readonly n: bigint | null
  /** In cents. */
  readonly money: bigint | null
  readonly label: string | null
  readonly day: bigint | null
  readonly flag: boolean | null
}

/** Few distinct times and values, so that ties are common; a few values that rounding would spoil. */
const anyTime = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((i) => START + BigInt(i) * 15n * MINUTE),
  fc.integer({ min: 0, max: 36_000 }).map((s) => START + BigInt(s) * 1_000_000n + 1n),
)
const anyEntry: fc.Arbitrary<Entry> = fc
  .record({
    time: anyTime,
    late: fc.constantFrom(0n, 1n, MINUTE, 100n * MINUTE),
    seq: fc.integer({ min: 0, max: 2 }),
    x: fc.oneof(
      fc.integer({ min: -64, max: 64 }).map((i) => i / 10),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(null, 1e17, -1e17, 1e-12, 0),
    ),
    n: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(null, 1n, 2n)),
    money: fc.oneof(fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n }), fc.constantFrom(null, 10n, 20n)),
    label: fc.oneof(fc.constantFrom(null, '', 'a', 'ä', '\u{1F600}', '\uFFFD'), fc.string({ unit: 'binary' })),
    day: fc.oneof(anyTime, fc.constant(null)),
    flag: fc.constantFrom(true, false, null),
  })
  .map(({ late, ...rest }) => ({ ...rest, since: rest.time + late }))

function eventOf(entry: Entry): ContinuousEvent {
  const row: Readonly<Record<string, Value>> = { ...entry, seq: BigInt(entry.seq) }
  const values = layout.inputs.map(({ column }): Value => (column === null ? 1n : (row[column] ?? null)))
  return { time: entry.time, since: entry.since, sequence: BigInt(entry.seq), values }
}

function summaryOf(entries: readonly Entry[], border: bigint): Uint8Array {
  const summary = new Summary(layout, { closedAt: border, by: border })
  for (const entry of entries) summary.add(eventOf(entry))
  const out = new ByteWriter()
  summary.write(out)
  return Uint8Array.from(out.bytes.subarray(0, out.length))
}

function partOf(entry: Entry, position: number): TailPart {
  const out = new ByteWriter()
  writeTailEvent(layout, out, eventOf(entry))
  const value = Uint8Array.from(out.bytes.subarray(0, out.length))
  return { position: BigInt(position), time: entry.time, kind: 'event', value }
}

const byName = new Map(view.plan.features.map(({ name }, place) => [name, place]))

/** Holds a row to the definition of its windows, every aggregate computed from the entries themselves. */
function expectRow(found: ContinuousRow | undefined, all: readonly Entry[], t: bigint): void {
  const counted = all.filter(({ time, since }) => time < t && since <= t)
  if (counted.length === 0) return expect(found).toBeUndefined()
  expect(found?.closedAt).toBe(t)
  expect(found?.newest).toBe(counted.reduce((newest, { time }) => (time > newest ? time : newest), 0n))
  for (const window of windows) {
    const inside = counted.filter(({ time }) => {
      if (window === 'lifetime') return true
      const length = DURATIONS[window]
      const hop = BigInt(hopOf(Number(length)))
      return time >= ((t - length) / hop) * hop
    })
    const value = (name: string): Value => {
      const place = byName.get(window === 'lifetime' ? `${name}_all` : `${name}_${window}`)
      expect(place, `${name} ${window}`).toBeDefined()
      return found?.values[place ?? 0] ?? null
    }
    const rows = inside.map((entry): Row => ({
      '~us': Number(entry.time - START),
      '~sequence': entry.seq,
      x: entry.x,
      label: entry.label,
      flag: entry.flag,
      day: entry.day === null ? null : Number(entry.day - START),
    }))
    const of = (name: string, column: string | null) => aggregateAnswer({ function: name, column, where: null }, rows)
    const where = `${window} at ${t}`
    expect(value('events'), where).toBe(BigInt(inside.length))
    for (const name of ['sum', 'mean', 'variance', 'stddev', 'min', 'max'] as const) {
      const answer = of(name, 'x')
      const got = value(`x_${name}`)
      agree(got === null || typeof got === 'number' ? got : Number.NaN, answer, `x_${name} ${where}`)
    }
    const textIn = inside.filter(({ label }) => label !== null).toSorted(inPlace)
    expect(value('label_last'), where).toBe(textIn.at(-1)?.label ?? null)
    expect(value('label_first'), where).toBe(textIn[0]?.label ?? null)
    const days = inside.flatMap(({ day }) => day ?? [])
    expect(value('day_max'), where).toBe(days.length === 0 ? null : days.reduce((a, b) => (b > a ? b : a)))
    const whole = inside.reduce((sum, { n }) => sum + (n ?? 0n), 0n)
    expect(value('n_sum'), where).toBe(BigInt.asIntN(64, whole) === whole ? whole : null)
    const cents = inside.flatMap(({ money }) => money ?? [])
    expect(value('money_sum'), where).toBe(cents.reduce((sum, one) => sum + one, 0n))
    const euros = cents.map((one): Row => ({ '~us': 0, money: Number(decimalText(one, 2)) }))
    for (const name of ['mean', 'stddev'] as const) {
      const got = value(`money_${name}`)
      const answer = aggregateAnswer({ function: name, column: 'money', where: null }, euros)
      agree(got === null || typeof got === 'number' ? got : Number.NaN, answer, `money_${name} ${where}`)
    }
    const flags = inside.filter(({ flag }) => flag !== null).toSorted(inPlaceByFlag)
    expect(value('flag_last'), where).toBe(flags.at(-1)?.flag ?? null)
  }
}

function inPlace(a: Entry, b: Entry): number {
  return (
    compare(a.time, b.time) || a.seq - b.seq || Buffer.compare(Buffer.from(a.label ?? ''), Buffer.from(b.label ?? ''))
  )
}

function inPlaceByFlag(a: Entry, b: Entry): number {
  return compare(a.time, b.time) || a.seq - b.seq || Number(a.flag) - Number(b.flag)
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

test('a row is the same from events, from tiles, from folded events, and from all of them at once', () => {
  const anyBorder = fc.integer({ min: 0, max: 700 }).map((m) => START + BigInt(m) * MINUTE)
  fc.assert(
    fc.property(
      fc.array(anyEntry, { maxLength: 12 }),
      fc.array(anyEntry, { maxLength: 8 }),
      fc.array(anyEntry, { maxLength: 6 }),
      fc.tuple(anyBorder, anyBorder),
      fc.array(anyBorder, { minLength: 3, maxLength: 3 }),
      (inBase, inFold, inTail, [border, later], after) => {
        const all = [...inBase, ...inFold, ...inTail]
        const newest = border > later ? border : later
        const base = summaryOf(inBase, border)
        const parts = inFold.map(partOf)
        const once = foldTails(layout, { closedAt: later, by: later })('velocity', new Uint8Array(), parts.slice(0, 3))
        const folded = { position: 3n, time: 0n, kind: 'folded', value: once } as const
        const twice = foldTails(layout, { closedAt: newest, by: newest })('velocity', new Uint8Array(), [
          folded,
          ...parts.slice(3),
        ])
        const tail = [{ ...folded, value: twice }, ...inTail.map(partOf)]
        for (const at of [newest, ...after.map((one) => newest + (one - START))]) {
          expectRow(rowAt({ base, tail }, at), all, at)
          expectRow(rowAt({ base: undefined, tail: all.map(partOf) }, at), all, at)
        }
      },
    ),
    { numRuns: Math.ceil(25 * Number(process.env['MARTLET_RUNS'] ?? 1)) },
  )
})

test('a base never answers for an instant before its border', () => {
  const found = rowAt({ base: summaryOf([], START + MINUTE), tail: [] }, START)
  expect(found).toBeUndefined()
  const entry = { time: START, since: START, seq: 0, x: 1, n: 1n, money: 1n, label: '', day: null, flag: null }
  expect(rowAt({ base: summaryOf([entry], START + MINUTE), tail: [] }, START)?.closedAt).toBe(START + MINUTE)
})

test('what another definition left is refused', () => {
  const other = stateLayout(
    featureView('velocity', {
      of: account,
      from: entries,
      every: '5m',
      features: (f) => ({ n: f.sum('n').over('5m') }),
    }).plan,
  )
  const bytes = summaryOf([], START)
  expect(() => continuousRows(other)({ base: bytes, tail: [] }, { closedAt: START, by: START })).toThrow(
    /another definition/,
  )
  const entry = { time: START, since: START, seq: 0, x: 1, n: 1n, money: 1n, label: '', day: null, flag: null }
  expect(() =>
    continuousRows(other)({ base: undefined, tail: [partOf(entry, 1)] }, { closedAt: START, by: START }),
  ).toThrow(/velocity again/)
  expect(() =>
    foldTails(other, { closedAt: START, by: START })('velocity', new Uint8Array(), [partOf(entry, 1)]),
  ).toThrow(/another definition/)
})

test('the tiles of one entity are no more than its windows reach', () => {
  const many = Array.from({ length: 5000 }, (_, i): Entry => ({
    time: START + BigInt(i) * MINUTE,
    since: START,
    seq: 0,
    x: i / 10,
    n: BigInt(i),
    money: BigInt(i),
    label: `label ${i % 7}`,
    day: null,
    flag: null,
  }))
  const border = START + 5000n * MINUTE
  // 60 steps of 5 s, 90 of 1 min, 84 of 5 min and one for its lifetime, of which the first has five events.
  expect(summaryOf(many, border).length).toBeLessThan(30_000)
})

test('numbers are kept and rounded exactly', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(nearest(exactOf(value))).toBe(value === 0 ? 0 : value)
    }),
  )
  expect(nearest({ m: 1n, e: 2000 })).toBe(Infinity)
  expect(nearest({ m: 1n, e: 0 }, 3n)).toBe(1 / 3)
})
