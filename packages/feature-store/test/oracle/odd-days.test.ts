import { sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  gridInstants,
  materialize,
  openCatalog,
  servedFeatureTime,
} from '../../src/index.ts'
import { replaceTable, rowsOf, tableBatch } from './mart-tables.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/** Where days are skipped, begin at another hour than midnight, or begin twice; from and to are UTC days. */
const CHANGES: readonly [zone: string, what: string, from: string, to: string][] = [
  ['Pacific/Apia', 'skips December 30', '2011-12-27', '2012-01-02'],
  ['Pacific/Kwajalein', 'skips August 21', '1993-08-18', '1993-08-25'],
  ['America/Havana', 'goes forward at midnight', '2024-03-08', '2024-03-13'],
  ['America/Havana', 'goes back from one to midnight, which is there twice', '2023-11-03', '2023-11-08'],
  ['Asia/Beirut', 'goes forward at midnight', '2022-03-25', '2022-03-29'],
  ['Asia/Beirut', 'goes back at midnight to eleven of the day before', '2022-10-28', '2022-11-01'],
  ['America/Sao_Paulo', 'goes forward at midnight', '2018-11-02', '2018-11-06'],
  ['America/Sao_Paulo', 'goes back at midnight', '2018-02-16', '2018-02-20'],
  ['Africa/Cairo', 'goes forward at midnight', '2023-04-26', '2023-04-30'],
  ['Africa/Cairo', 'goes back at midnight', '2023-10-25', '2023-10-29'],
  ['America/St_Johns', 'goes back a minute after midnight, so the day begins twice', '2006-10-27', '2006-11-01'],
  ['America/St_Johns', 'goes forward a minute after midnight', '2006-03-31', '2006-04-04'],
  ['Australia/Lord_Howe', 'goes back half an hour', '2024-04-05', '2024-04-09'],
]

const dates = new Map<string, Intl.DateTimeFormat>()

/**
 * The local date at an instant, as days since the epoch: asked of the calendar minute by minute, without any
 * arithmetic of offsets.
 */
function localDate(zone: string, ms: number): number {
  let format = dates.get(zone)
  if (format === undefined)
    dates.set(
      zone,
      (format = new Intl.DateTimeFormat('en-CA', {
        timeZone: zone,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
      })),
    )
  return Date.parse(format.format(ms)) / DAY
}

/** The instants at which a date is seen for the first time. */
function firstMinutes(zone: string, from: number, to: number): readonly number[] {
  let newest = localDate(zone, from)
  const starts: number[] = []
  for (let ms = from + MINUTE; ms < to; ms += MINUTE) {
    const date = localDate(zone, ms)
    if (date > newest) starts.push(ms)
    newest = Math.max(newest, date)
  }
  return starts
}

const micros = (ms: number): bigint => BigInt(ms) * 1000n

describe.runIf(testEngine === 'duckdb').each(CHANGES)('%s, which %s', (zone, _, first, end) => {
  const [from, to] = [Date.parse(first), Date.parse(end)]

  test('has each local day once in its grid, where it is seen first', () => {
    expect(gridInstants({ every: DAY * 1000, zone }, micros(from + MINUTE), micros(to))).toEqual(
      firstMinutes(zone, from, to).map(micros),
    )
  })

  test.each([1, 2, 0.25, 1 / 24])('serves the greatest instant of the grid, every %f days', (days) => {
    const grid = { every: days * DAY * 1000, zone }
    const instants = gridInstants(grid, micros(from - 4 * DAY), micros(to))
    expect(instants).toEqual([...new Set(instants)].toSorted((a, b) => (a < b ? -1 : 1)))
    for (let ms = from; ms < to; ms += 7 * MINUTE) {
      expect(servedFeatureTime(grid, 0, micros(ms)), new Date(ms).toISOString()).toBe(
        instants.findLast((t) => t <= micros(ms)),
      )
    }
    for (const t of instants.slice(4)) {
      expect([servedFeatureTime(grid, 0, t - 1n) < t, servedFeatureTime(grid, 0, t)]).toEqual([true, t])
    }
  })
})

describe('rows of a clock that skips a day', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
  })
  afterAll(() => warehouse.close())

  const meter = entity('meter', { meter_id: z.string() })
  const readings = fact('mart.island', {
    columns: { meter_id: z.string(), at: z.date(), kwh: z.number() },
    entities: [meter],
    eventTime: 'at',
  })
  const view = featureView('island', {
    of: meter,
    from: readings,
    every: '1d',
    zone: 'Pacific/Apia',
    features: (f) => ({ n: f.count().over('1d') }),
  })

  test('are there once, in tables as in training sets', async () => {
    const hours = Array.from({ length: 96 }, (_, i) => Date.parse('2011-12-28T10:00Z') + i * 60 * MINUTE)
    await replaceTable(
      warehouse,
      'mart.island',
      { meter_id: 'text', at: 'timestamp', kwh: 'double' },
      hours.map((ms) => ({ meter_id: 'm', at: ms * 1000, kwh: 1 })),
    )
    // Midnights in Apia: December 29 at 10:00 UTC, December 30 never, December 31 at 10:00 UTC of the 30th.
    const times = [
      '2011-12-29T10:00Z',
      '2011-12-30T09:59Z',
      '2011-12-30T10:00Z',
      '2011-12-31T09:00Z',
      '2011-12-31T10:00Z',
    ].map((text) => Date.parse(text))
    const spine = {
      rows: tableBatch(
        times.map((ms) => ({ meter_id: 'm', at: ms * 1000 })),
        { meter_id: 'text', at: 'timestamp' },
      ),
    }
    await using catalog = await openCatalog({ path: ':memory:' })
    await materialize({ warehouse, catalog, views: [view], quality: false, now: '2012-01-01T00:00Z' })
    for (const from of ['facts', 'materialized'] as const) {
      const set = await buildTrainingSet({
        warehouse,
        catalog,
        service: featureService('s', [view]),
        spine,
        time: 'at',
        from,
      })
      expect(
        rowsOf(await set.read()).map((row) => row['island__n_1d']),
        from,
      ).toEqual([24, 24, 24, 24, 24])
    }
    // Who has rows by a dimension is looked up at each instant of the grid.
    const plans = dimension('mart.plans', {
      columns: { meter_id: z.string(), plan: z.string(), since: z.date() },
      entity: meter,
      validFrom: 'since',
    })
    await replaceTable(warehouse, 'mart.plans', { meter_id: 'text', plan: 'text', since: 'timestamp' }, [
      { meter_id: 'm', plan: 'flat', since: Date.parse('2011-12-28') * 1000 },
    ])
    const byPlan = featureView('by_plan', {
      of: meter,
      from: plans,
      every: '1d',
      zone: 'Pacific/Apia',
      features: (f) => ({ plan: f.attribute('plan') }),
    })
    await materialize({ warehouse, catalog, views: [byPlan], quality: false, now: '2012-01-01T00:00Z' })
    const set = await buildTrainingSet({
      warehouse,
      catalog,
      service: featureService('s', [byPlan]),
      spine,
      time: 'at',
      from: 'materialized',
    })
    expect(rowsOf(await set.read()).map((row) => row['by_plan__plan'])).toEqual([
      'flat',
      'flat',
      'flat',
      'flat',
      'flat',
    ])
    const stored = rowsOf(await warehouse.read(sql`SELECT feature_time FROM features.island ORDER BY 1`))
    expect(stored).toEqual(
      ['2011-12-29T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'].map((text) => ({
        feature_time: Date.parse(text) * 1000,
      })),
    )
  })
})
