import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  type AggregateBuilder,
  type AnyLabel,
  type Fact,
  type AnyEntity,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  next,
  precomputed,
  timeTo,
} from '../../src/index.ts'
import { labelAnswers } from './label-answers.ts'
import type { Row } from './row.ts'
import { agree } from './exact/agree.ts'
import { loadMart, replaceTable, rowsOf, spineBatch, tableBatch } from './mart-tables.ts'
import { DAYS, factRow, readings, site, spineRow, START, unorderedReadings } from './random-mart.ts'

const runs = runsOf(50)
const labelRuns = runsOf(120)
const HOUR = 3_600_000_000
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const service = featureService('random_service', [
  featureView('counts', { of: site, from: readings, every: '6h', features: (f) => ({ n: f.count().over('1d') }) }),
])
type RowIn<F> = F extends Fact<infer R, AnyEntity> ? R : never
const names = [
  'sum',
  'count',
  'mean',
  'max',
  'last',
  'first',
  'distinct',
  'stddev',
  'slope',
  'ratio',
  'filtered',
] as const

function outcomes(f: AggregateBuilder<RowIn<typeof readings>>) {
  return {
    sum: f.sum('x'),
    count: f.count(),
    mean: f.mean('x'),
    max: f.max('x'),
    last: f.last('x'),
    first: f.first('x'),
    distinct: f.distinct('x'),
    stddev: f.stddev('x'),
    slope: f.slope('x'),
    ratio: f.ratio(f.sum('x'), f.count()),
    filtered: f.sum('x').where((r) => r.c.eq('a')),
  }
}

const duration = fc.constantFrom('1h', '6h', '1d', '36h')
const window = {
  length: duration,
  gap: fc.constantFrom('0h', '1h', '6h'),
  maturity: fc.constantFrom('0h', '12h'),
} as const
const aggregates: fc.Arbitrary<AnyLabel> = fc
  .record({
    ...window,
    of: fc.constantFrom(...names),
    steps: fc.constantFrom(null, null, 1, 2, 3, 7),
  })
  .map(({ of, length, steps, ...options }) =>
    label('target', {
      of: site,
      from: readings,
      value: (f) => {
        const one = outcomes(f)[of].ahead(length, options)
        return steps === null ? one : one.steps<number>(steps)
      },
    }),
  )
const happenings: fc.Arbitrary<AnyLabel> = fc
  .record(window)
  .map(({ length, ...options }) =>
    label('target', { of: site, value: happens(readings).within(length, { ...options, where: (r) => r.x.gt(0) }) }),
  )
const classes: fc.Arbitrary<AnyLabel> = fc
  .record({ ...window, fact: fc.constantFrom(readings, unorderedReadings), some: fc.boolean() })
  .map(({ length, fact: of, some, ...options }) => {
    const kind = next(of, 'c')
    const value = some ? kind.within(length, { ...options, where: (r) => r.n.gt(0) }) : kind.within(length, options)
    return label('target', { of: site, value })
  })

const lives: fc.Arbitrary<AnyLabel> = fc
  .record({ ...window, some: fc.boolean() })
  .map(({ length, some, ...options }) => {
    const life = timeTo(readings)
    const value = some ? life.within(length, { ...options, where: (r) => r.x.gt(0) }) : life.within(length, options)
    return label('target', { of: site, value })
  })

const kinds: readonly (readonly [string, fc.Arbitrary<AnyLabel>])[] = [
  ['aggregates and happenings', fc.oneof({ weight: 10, arbitrary: aggregates }, { weight: 1, arbitrary: happenings })],
  ['the next kind of fact', classes],
  ['days to the next fact', lives],
]

test.each(kinds)(
  '%s equal brute force, and are missing until their window has closed',
  async (_, targets) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(factRow, { maxLength: 60 }),
        targets,
        fc.array(spineRow, { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 0, max: DAYS * 24 }),
        async (facts, target, spine, hour) => {
          const oracle = await loadMart(warehouse, facts, [])
          const asOf = START + hour * HOUR
          const set = await buildTrainingSet({
            warehouse,
            service,
            spine: { rows: spineBatch(spine) },
            time: 'at',
            labels: [target],
            asOf: new Date(asOf / 1000),
          })
          const rows = rowsOf(await set.read())
          expect(rows.length).toBe(spine.length)
          for (const [i, row] of rows.entries()) {
            const asked = spine[i] ?? {}
            const answers = labelAnswers(oracle, target.plan, asked, Number(asked['at']), asOf)
            expect(set.labels).toEqual(Object.keys(answers))
            for (const [column, answer] of Object.entries(answers))
              agree(row[column] ?? null, answer, `${target.plan.aggregate.function} in ${column} of spine row ${i}`)
          }
        },
      ),
      { numRuns: labelRuns },
    )
  },
  300_000,
)

const scored = precomputed('mart.scores', {
  columns: {
    region: z.string(),
    site_id: z.int(),
    computed_at: z.date(),
    loaded_at: z.date(),
    score: z.number().nullable(),
  },
  entity: site,
  time: 'computed_at',
  created: 'loaded_at',
})
const scoreView = featureView('scores', {
  of: site,
  from: scored,
  every: '1d',
  delay: '6h',
  ttl: '3d',
  features: (f) => ({ score: f.column('score') }),
})
const SCORES = {
  region: 'text',
  site_id: 'bigint',
  computed_at: 'timestamp',
  loaded_at: 'timestamp',
  score: 'double',
} as const
const scoreRow = factRow.map((row) => ({
  region: row['region'] ?? null,
  site_id: row['site_id'] ?? null,
  computed_at: row['ts'] ?? null,
  loaded_at: writtenAt(row),
  score: row['n'] ?? null,
}))
/** Hours to days after the time that a row describes, or before it; null: nobody knows. */
const writtenAt = (row: Row): number | null =>
  row['arrived'] === null ? null : Number(row['arrived']) + Number(row['seq']) * HOUR
/** Rows that agree in key, time and creation would be interchangeable only if their values were equal. */
const scores = fc.uniqueArray(scoreRow, {
  maxLength: 50,
  selector: (row) => [row.region, row.site_id, row.computed_at, row.loaded_at].join('|'),
})

test(
  'precomputed rows equal brute force: the newest that had arrived and been written, then the newest written, none older than its ttl',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(scores, fc.array(spineRow, { minLength: 1, maxLength: 90 }), async (rows, spine) => {
        await replaceTable(warehouse, 'mart.scores', SCORES, rows)
        const set = await buildTrainingSet({
          warehouse,
          service: featureService('scored', [scoreView]),
          spine: { rows: spineBatch(spine) },
          time: 'at',
        })
        const found = rowsOf(await set.read())
        expect(found.length).toBe(spine.length)
        for (const [i, row] of found.entries()) {
          const asked = spine[i] ?? {}
          const t = Number(asked['at'])
          const newest = rows
            .filter(
              (one) =>
                one.region === asked['region'] &&
                one.site_id === asked['site_id'] &&
                Number(one.computed_at) + 6 * HOUR <= t &&
                one.loaded_at !== null &&
                one.loaded_at <= t,
            )
            .toSorted(
              (a, b) => Number(a.computed_at) - Number(b.computed_at) || Number(a.loaded_at) - Number(b.loaded_at),
            )
            .at(-1)
          const expected = newest === undefined || t - Number(newest.computed_at) > 72 * HOUR ? null : newest.score
          expect(row['scores__score'], `spine row ${i}`).toEqual(expected)
        }
      }),
      { numRuns: runs },
    )
  },
)

const meter = entity('meter', { meter_id: z.string() })

test('a fact on a local clock is turned to UTC once: the repeated hour in autumn and the missing one in spring', async () => {
  const local = fact('mart.local', {
    columns: { meter_id: z.string(), at: z.date(), kwh: z.number() },
    entities: [meter],
    eventTime: 'at',
    zone: 'Europe/Zurich',
  })
  const daily = featureView('daily', {
    of: meter,
    from: local,
    every: '1d',
    zone: 'Europe/Zurich',
    features: (f) => ({ hours: f.count().lifetime(), kwh: f.sum('kwh').over('25h') }),
  })
  const hours = Array.from({ length: 24 }, (_, i) => ({ meter_id: 'm', at: Date.UTC(2024, 9, 27, i) * 1000, kwh: 1 }))
  await replaceTable(warehouse, 'mart.local', { meter_id: 'text', at: 'timestamp', kwh: 'double' }, hours)
  const spine = tableBatch(
    [
      { meter_id: 'm', at: Date.UTC(2024, 9, 27, 22, 59, 59) * 1000 },
      { meter_id: 'm', at: Date.UTC(2024, 9, 27, 23) * 1000 },
    ],
    { meter_id: 'text', at: 'timestamp' },
  )
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('local', [daily]),
    spine: { rows: spine },
    time: 'at',
  })
  const rows = rowsOf(await set.read())
  expect(rows.map((row) => row['daily__hours'])).toEqual([null, 24])
  expect(rows.map((row) => row['daily__kwh_25h'])).toEqual([null, 24])
})

test('a precomputed view may add calendar parts of its rows and derive from them, offline as online', async () => {
  const view = featureView('scores', {
    of: site,
    from: scored,
    every: '1d',
    ttl: '3d',
    zone: 'Europe/Zurich',
    features: (f) => ({ score: f.column('score'), hour: f.calendar('hour') }),
    derive: (v) => ({ known: v.score.coalesce(0).add(1) }),
  })
  await replaceTable(warehouse, 'mart.scores', SCORES, [
    {
      region: 'r',
      site_id: 1,
      computed_at: Date.UTC(2024, 0, 10, 5) * 1000,
      loaded_at: Date.UTC(2024, 0, 10, 6) * 1000,
      score: null,
    },
  ])
  const times = [Date.UTC(2024, 0, 10, 4), Date.UTC(2024, 0, 10, 7), Date.UTC(2024, 0, 20)]
  const service = featureService('scored', [view])
  const set = await buildTrainingSet({
    warehouse,
    service,
    spine: { rows: spineBatch(times.map((t) => ({ region: 'r', site_id: 1, at: t * 1000 }))) },
    time: 'at',
  })
  expect(
    rowsOf(await set.read()).map((row) => [row['scores__score'], row['scores__hour'], row['scores__known']]),
  ).toEqual([
    [null, null, null],
    [null, 6, 1],
    [null, null, null],
  ])
  await using catalog = await openCatalog({ path: ':memory:' })
  await using online = openMemoryStore()
  await materialize({ warehouse, catalog, online, views: [view], now: new Date(Date.UTC(2024, 0, 11)), quality: false })
  const reader = openOnlineReader({ service: service.plan, store: online })
  const vectors = await reader.read([{ region: 'r', site_id: 1 }], { now: BigInt(Date.UTC(2024, 0, 10, 7)) * 1000n })
  expect(JSON.parse(vectors.json(0))).toEqual({ scores__score: null, scores__hour: 6, scores__known: 1 })
})
