import type { Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../warehouse/test/support/engine.ts'
import {
  profileFromJson,
  profileReference,
  profileToJson,
  runDrift,
  type ReferenceProfile,
  type RowKind,
} from '../src/index.ts'
import { normal, sample } from './random.ts'
import { double, findingsOf, tableOf, text } from './tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const start = Date.parse('2026-01-01T00:00:00Z')
const hour = 3_600_000
const now = new Date(start + 24 * hour)
const columns = [
  { name: 'usage__kwh', type: 'double' as const },
  { name: 'usage__tariff', type: 'text' as const },
  { name: 'weather__celsius', type: 'double' as const },
  { name: 'next_day', type: 'double' as const, role: 'label' as const },
]

interface Shape {
  readonly seed: number
  readonly rows: number
  /** Of a hundred rows, so many have nothing of view usage, and so many of the others no kwh. */
  readonly absent?: number
  readonly nulls?: number
}

/** Rows evenly over one day. */
function rowsOfDay({ seed, rows, absent = 0, nulls = 0 }: Shape): Promise<string> {
  const kwh = sample(rows, normal(seed))
  // One of a hundred places, spread over the hours: rows without values in a row would be alike.
  const place = (row: number) => (row * 37) % 100
  const gone = (row: number) => place(row) < absent
  return tableOf(warehouse, {
    ts: { type: 'timestamp', values: kwh.map((_, row) => new Date(start + (row * 24 * hour) / rows)) },
    usage__kwh: double(kwh.map((value, row) => (gone(row) || place(row) >= 100 - nulls ? null : value))),
    usage__tariff: text(kwh.map((_, row) => (gone(row) ? null : row % 3 === 0 ? 'day' : 'flat'))),
    weather__celsius: double(kwh.map((value) => value * 5)),
    next_day: double(kwh),
  })
}

async function profileOf(shape: Shape, rowKind?: RowKind): Promise<ReferenceProfile> {
  return profileReference(warehouse, {
    name: 'p',
    relation: await rowsOfDay(shape),
    columns,
    time: 'ts',
    now,
    ...(rowKind === undefined ? {} : { rowKind }),
  })
}

async function compared(profile: ReferenceProfile, shape: Shape, rowKind?: RowKind) {
  const relation = await rowsOfDay(shape)
  return runDrift({
    warehouse,
    profile,
    current: { relation, time: 'ts', ...(rowKind === undefined ? {} : { rowKind }) },
    windows: [{ from: new Date(start), to: now }],
    now,
    record: false,
  })
}

const training: Shape = { seed: 1, rows: 400, absent: 11, nulls: 10 }

describe('rows of another kind', () => {
  it('feature rows have no findings against a training set whose spine asks for missing entities', async () => {
    const result = await compared(
      await profileOf(training, 'trainingSet'),
      { seed: 2, rows: 2400, nulls: 9 },
      'featureRows',
    )
    expect(findingsOf(result)).toEqual([])
    expect(result.exitCode).toBe(0)
  })
  it('nulls among the other rows are still compared, and shown', async () => {
    const result = await compared(
      await profileOf(training, 'trainingSet'),
      { seed: 2, rows: 2400, nulls: 30 },
      'featureRows',
    )
    expect(findingsOf(result).map(({ kind, column, sentence }) => [kind, column, sentence])).toEqual([
      ['nullRate', 'usage__kwh', 'Nulls in usage__kwh went from 11.2 % to 30 %.'],
    ])
    // 10 nulls in the 89 rows of a hundred that have the view.
    expect(result.columns[0]?.nullRate).toBeCloseTo(10 / 89, 12)
    expect(result.windows[0]?.columns[0]?.nullRate).toBeCloseTo(0.3, 12)
  })
  it('a view that feature rows have lost is reported once, not for each of its columns', async () => {
    const result = await compared(
      await profileOf(training, 'trainingSet'),
      { seed: 2, rows: 2400, absent: 100 },
      'featureRows',
    )
    expect(findingsOf(result)).toMatchObject([
      {
        kind: 'absentRows',
        column: null,
        severity: 'crit',
        sentence: 'Rows without any value of view usage went from 11 % to 100 %.',
      },
    ])
    expect(result.windows[0]?.columns.map(({ name, status, nullRate }) => [name, status, nullRate])).toEqual([
      ['usage__kwh', 'not_evaluable', null],
      ['usage__tariff', 'not_evaluable', null],
      ['weather__celsius', 'ok', 0],
      ['next_day', 'ok', 0],
    ])
  })
  it('requests for missing entities: more or fewer than in a training set, only more than in feature rows', async () => {
    const trained = await profileOf(training, 'trainingSet')
    const kinds = async (profile: ReferenceProfile, absent: number) =>
      findingsOf(await compared(profile, { seed: 3, rows: 400, absent, nulls: 7 }, 'predictions')).map(
        ({ kind, sentence }) => [kind, sentence],
      )
    expect(await kinds(trained, 0)).toEqual([
      ['absentRows', 'Rows without any value of view usage went from 11 % to 0 %.'],
    ])
    expect(await kinds(trained, 40)).toEqual([
      ['absentRows', 'Rows without any value of view usage went from 11 % to 40 %.'],
    ])
    const listed = await profileOf({ ...training, nulls: 9, absent: 20 }, 'featureRows')
    expect(await kinds(listed, 0)).toEqual([])
    expect(await kinds(listed, 40)).toEqual([
      ['absentRows', 'Rows without any value of view usage went from 20 % to 40 %.'],
    ])
  })
})

describe('rows of one kind', () => {
  it.each(['trainingSet', 'featureRows', 'predictions', 'table'] as const)(
    '%s: rows per hour are compared',
    async (kind) => {
      const result = await compared(await profileOf({ seed: 1, rows: 400 }, kind), { seed: 2, rows: 2400 }, kind)
      expect(findingsOf(result).map((finding) => finding.kind)).toEqual(['volume'])
    },
  )
  it('fewer feature rows without a value are reported as well as more', async () => {
    const result = await compared(
      await profileOf({ ...training, nulls: 0 }, 'featureRows'),
      { seed: 2, rows: 400 },
      'featureRows',
    )
    expect(findingsOf(result).map(({ sentence }) => sentence)).toEqual([
      'Rows without any value of view usage went from 11 % to 0 %.',
    ])
  })
})

describe('what a profile remembers', () => {
  it('is the kind of its rows, and for each view the rows without any of its values', async () => {
    const profile = profileFromJson(profileToJson(await profileOf(training, 'trainingSet')))
    expect([profile.rowKind, profile.views]).toMatchObject([
      'trainingSet',
      [
        { view: 'usage', columns: ['usage__kwh', 'usage__tariff'], absent: 44 },
        { view: 'weather', columns: ['weather__celsius'], absent: 0 },
      ],
    ])
  })
  it('profiles stored before that are read as tables, with all rows counted among the nulls', async () => {
    const { rowKind: _kind, views: _views, ...old } = await profileOf(training)
    const profile = profileFromJson(profileToJson(old))
    expect(
      findingsOf(await compared(profile, { seed: 2, rows: 2400 })).map(({ kind, column }) => [kind, column]),
    ).toEqual([
      ['nullRate', 'usage__kwh'],
      ['volume', null],
      ['nullRate', 'usage__tariff'],
    ])
    expect(findingsOf(await compared(profile, { seed: 2, rows: 2400 }, 'featureRows')).map(({ kind }) => kind)).toEqual(
      ['nullRate', 'nullRate'],
    )
  })
  it('a view that lacks a column now is compared with all rows among the nulls', async () => {
    const profile = await profileOf(training, 'trainingSet')
    const relation = sql`SELECT ts, usage__kwh, weather__celsius, next_day FROM ${sql.table(await rowsOfDay(training))}`
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation, time: 'ts', rowKind: 'featureRows' },
      windows: [{ from: new Date(start), to: now }],
      now,
      record: false,
    })
    expect(findingsOf(result).map(({ kind, column }) => [kind, column])).toEqual([['missingColumn', 'usage__tariff']])
  })
})
