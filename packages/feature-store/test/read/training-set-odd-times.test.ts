import { columnBatch, rowsOf, sql, type Sql, type Warehouse } from '@martlet/warehouse'
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
  findingText,
  happens,
  label,
  materialize,
  openCatalog,
  precomputed,
  type AnyFeatureView,
  type AnyLabel,
} from '../../src/index.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { inPlace } from '../materialize/in-place.ts'

const site = entity('site', { site_id: z.string() })
const columns = { site_id: z.string(), ts: z.date(), until: z.date().nullable(), x: z.number() }
const onDuckDb = testEngine === 'duckdb'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
})
afterAll(() => warehouse.close())

type Row = readonly [ts: string, x: number, until?: string | null]

async function fill(into: Warehouse, table: string, rows: readonly Row[]): Promise<void> {
  const { leaves } = into
  const type = leaves.columnType('timestamp')
  const time = (text: string | null | undefined): Sql =>
    sql`CAST(${text === undefined || text === null ? sql`NULL` : sql.lit(text)} AS ${type})`
  await into.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await into.run(
    sql`
      CREATE
        OR REPLACE TABLE ${sql.id('mart', table)} (site_id ${leaves.columnType('text')}, ts ${type}, until ${type},
          x ${leaves.columnType('double')})
    `,
  )
  for (const [ts, x, until] of rows)
    await into.run(sql`INSERT INTO ${sql.id('mart', table)} SELECT 'a', ${time(ts)}, ${time(until)}, ${x}`)
}

async function at(
  times: readonly string[],
  view: AnyFeatureView,
  labels: readonly AnyLabel[] = [],
): Promise<readonly unknown[]> {
  const rows = columnBatch({
    site_id: { type: 'text', values: times.map(() => 'a') },
    at: { type: 'timestamp', values: times.map((time) => toMicros(time)) },
  })
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('s', [view]),
    labels,
    spine: { rows },
    time: 'at',
    asOf: new Date('2024-07-03'),
  })
  const name = labels[0]?.name ?? `${view.name}__${view.plan.features[0]?.name}`
  return rowsOf(await set.read()).map((row) => row[name])
}

const events = (table: string) => fact(`mart.${table}`, { columns, entities: [site], eventTime: 'ts' })
const count = (table: string, zone?: string) =>
  featureView('counts', {
    of: site,
    from: events(table),
    every: '1d',
    ...(zone === undefined ? {} : { zone }),
    features: (f) => ({ v: f.count().over('2d') }),
  })
const ever = (table: string) =>
  featureView('ever', { of: site, from: events(table), every: '1d', features: (f) => ({ v: f.count().lifetime() }) })

describe('times before 1970', () => {
  test('are counted by the same windows as later ones', async () => {
    await fill(warehouse, 'old', [
      ['1969-12-29 00:00:00', 1],
      ['1969-12-29 23:59:59.999999', 1],
      ['1969-12-30 00:00:00', 1],
      ['1969-12-31 23:59:59.999999', 1],
      ['1970-01-01 00:00:00', 1],
    ])
    const times = [
      '1969-12-29T12:00Z',
      '1969-12-30',
      '1969-12-31T23:59:59.999999Z',
      '1970-01-01',
      '1970-01-01T23:00Z',
      '1970-01-02',
    ]
    expect(await at(times, count('old'))).toEqual([null, 2, 3, 2, 2, 2])
    const shifted = featureView('shifted', {
      of: site,
      from: events('old'),
      every: '1d',
      features: (f) => ({ v: f.sum('x').over('1d').shift('1d') }),
    })
    expect(await at(times, shifted)).toEqual([null, 0, 2, 1, 1, 1])
    const late = featureView('late', {
      of: site,
      from: fact('mart.old', { columns, entities: [site], eventTime: 'ts', knownAt: 'ts' }),
      every: '1d',
      delay: '12h',
      features: (f) => ({ v: f.count().over('2d') }),
    })
    expect(await at(times, late)).toEqual([null, null, 3, 3, 2, 2])
    const soon = label('soon', { of: site, value: (f) => f.count().ahead('1d'), from: events('old') })
    expect(await at(times, ever('old'), [soon])).toEqual([2, 1, 2, 1, 0, 0])
  })

  // A slope is a quotient of sums, whose last digits depend on where time begins.
  test.for([
    ['6h', {}],
    ['7d', {}],
    ['6h', { delay: '90m' }],
    ['1d', { zone: 'Europe/Zurich' }],
    ['6h', { delay: '90m', arrivals: true }],
    ['1d', { arrivals: true }],
  ] as const)(
    'give every feature the value that the same rows give decades later: every %s, %o',
    async ([every, { arrivals, ...timing }]: readonly [
      '6h' | '7d' | '1d',
      { readonly delay?: '90m'; readonly zone?: string; readonly arrivals?: true },
    ]) => {
      const lengths = [0, 5, 11.5, 24, 30.25, 49, 50, 97]
      const origin = Date.UTC(1970, 0, 1, 0) - 3 * 86_400_000
      const values = async (days: number) => {
        const iso = (hours: number): string => new Date(origin + (days * 24 + hours) * 3_600_000).toISOString()
        await fill(
          warehouse,
          'moved',
          lengths.map((hours, i) => [
            iso(hours).replace('T', ' ').replace('Z', ''),
            (i * 7) % 5,
            iso(hours + (i % 3) * 4)
              .replace('T', ' ')
              .replace('Z', ''),
          ]),
        )
        const view = featureView('moved', {
          of: site,
          from: fact('mart.moved', {
            columns,
            entities: [site],
            eventTime: 'ts',
            ...(arrivals === true ? { knownAt: 'until' as const } : {}),
          }),
          every,
          ...timing,
          features: (f) => ({
            n: f.count().over('6h', '1d', '2d'),
            sum: f.sum('x').over('1d').shift('1d'),
            mean: f.mean('x').over('2d'),
            low: f.min('x').over('1d'),
            high: f.max('x').over('2d'),
            slope: f.slope('x').over('2d'),
            kinds: f.distinct('x').over('2d'),
            first: f.first('x').over('1d'),
            last: f.last('x').over('1d'),
            rows: f.sum('x').overLast(3),
            spread: f.stddev('x').over('2d'),
            age: f.age(),
          }),
        })
        const times = Array.from({ length: 17 }, (_, i) => toMicros(iso(i * 7)))
        const rows = columnBatch({
          site_id: { type: 'text', values: times.map(() => 'a') },
          at: { type: 'timestamp', values: times },
        })
        const facts = rowsOf(
          await (
            await buildTrainingSet({ warehouse, service: featureService('s', [view]), spine: { rows }, time: 'at' })
          ).read(),
        )
        await using catalog = await openCatalog({ path: ':memory:' })
        await warehouse.run(sql`DROP TABLE IF EXISTS features.moved`)
        await materialize({
          warehouse,
          catalog,
          views: [view],
          quality: false,
          from: iso(0),
          now: iso(120),
          chunk: { instants: 5 },
        })
        const stored = rowsOf(
          await (
            await buildTrainingSet({
              warehouse,
              catalog,
              service: featureService('s', [view]),
              spine: { rows },
              time: 'at',
              from: 'materialized',
            })
          ).read(),
        )
        return [facts, stored].map((found) =>
          found.map(({ at: _, ...row }) =>
            Object.entries(row).map(([name, value]) => [
              name,
              typeof value === 'number' ? value.toPrecision(12) : value,
            ]),
          ),
        )
      }
      const old = await values(0)
      expect(old[1]).toEqual(old[0])
      expect(old).toEqual(await values(7 * 2818))
    },
  )

  test('by a local clock that was not yet set to whole hours', async () => {
    // Dublin was 25 minutes and 21 seconds behind UTC until 1916: its midnights are at 00:25:21 UTC.
    await fill(warehouse, 'older', [
      ['1915-01-02 00:25:20.999999', 1],
      ['1915-01-02 00:25:21', 1],
      ['1915-01-04 12:00:00', 1],
    ])
    const times = ['1915-01-02T00:25:20.999999Z', '1915-01-02T00:25:21Z', '1915-01-03T00:25:21Z', '1915-01-05T00:30Z']
    expect(await at(times, count('older', 'Europe/Dublin'))).toEqual([null, 1, 2, 1])
  })

  test('in the years 1 and 99, on UTC and on a local clock', async () => {
    await fill(warehouse, 'ancient', [
      ['0001-01-02 12:00:00', 1],
      ['0099-06-01 12:00:00', 1],
    ])
    expect(await at(['0001-01-03T00:00Z', '0099-06-02T00:00Z'], count('ancient'))).toEqual([1, 1])
    expect(await at(['0099-06-01T13:00Z', '0099-06-02T01:00Z'], count('ancient', 'Europe/Zurich'))).toEqual([0, 1])
  })
})

describe.runIf(onDuckDb)('times that are infinite or beyond all calendars', () => {
  const odd: readonly Row[] = [
    ['infinity', 1],
    ['-infinity', 1],
    ['290000-01-01 00:00:00', 1],
    ['2024-01-01 12:00:00', 1],
  ]

  test('of events count for nothing, and do not touch the others', async () => {
    await fill(warehouse, 'odd', odd)
    expect(await at(['2024-01-01', '2024-01-02'], ever('odd'))).toEqual([null, 1])
    const newest = featureView('newest', {
      of: site,
      from: events('odd'),
      every: '1d',
      features: (f) => ({ v: f.age() }),
    })
    expect(await at(['2024-01-02'], newest)).toEqual([0.5])
    const soon = label('soon', { of: site, value: happens(events('odd')).within('1d') })
    expect(await at(['2024-01-01', '2024-01-02'], ever('odd'), [soon])).toEqual([true, false])
    const arrived = (until: string) => fill(warehouse, 'odd', [['2024-01-01 12:00:00', 1, until]])
    const late = featureView('late', {
      of: site,
      from: fact('mart.odd', { columns, entities: [site], eventTime: 'ts', knownAt: 'until' }),
      every: '1d',
      features: (f) => ({ v: f.count().lifetime() }),
    })
    await arrived('-infinity')
    expect(await at(['2024-01-02'], late)).toEqual([1])
    await arrived('infinity')
    expect(await at(['2024-01-02'], late)).toEqual([null])
  })

  test('of a validity: since ever and for ever hold, what never begins or ended before all times does not', async () => {
    const versions = dimension('mart.versions', { columns, entity: site, validFrom: 'ts', validTo: 'until' })
    const view = featureView('versions', {
      of: site,
      from: versions,
      every: '1d',
      features: (f) => ({ v: f.attribute('x') }),
    })
    const valid = async (...rows: readonly Row[]) => {
      await fill(warehouse, 'versions', rows)
      return at(['1950-01-01', '2024-01-02'], view)
    }
    expect(await valid(['-infinity', 1, '2024-01-01'], ['2024-01-01', 2, 'infinity'])).toEqual([1, 2])
    expect(await valid(['-infinity', 1, 'infinity'])).toEqual([1, 1])
    expect(await valid(['290000-01-01 00:00:00', 1, null], ['2024-01-01', 2, '290000-01-01 00:00:00'])).toEqual([
      null,
      2,
    ])
    expect(await valid(['infinity', 1, null])).toEqual([null, null])
    expect(await valid(['2020-01-01', 1, '-infinity'])).toEqual([null, null])
  })

  test('of precomputed rows', async () => {
    await fill(warehouse, 'rows', [
      ['infinity', 9],
      ['-infinity', 8],
      ['2024-01-01', 1],
    ])
    const rows = precomputed('mart.rows', { columns, entity: site, time: 'ts' })
    expect(
      await at(
        ['2023-12-31', '2024-01-02'],
        featureView('rows', { of: site, from: rows, every: '1d', features: (f) => ({ v: f.column('x') }) }),
      ),
    ).toEqual([null, 1])
  })

  test('are a finding that names them, and stop nobody', () =>
    inPlace(async (place) => {
      await fill(place.warehouse, 'odd', [...odd, ['0024-01-01 00:00:00', 1]])
      const [done] = await materialize({ ...place, views: [ever('odd')], now: '2024-01-03' })
      expect(done?.from).toBe(toMicros('2024-01-02'))
      expect(done?.findings.filter(({ check }) => check === 'instant').map(findingText)).toEqual([
        'warn mart.odd.ts: lies outside the years 1 to 9999, and is read as missing in 3 of 5 rows, for example -infinity',
      ])
      const stored = rowsOf(await place.warehouse.read(sql`SELECT feature_time, v FROM features.ever ORDER BY 1`))
      expect(stored).toEqual([
        { feature_time: new Date('2024-01-02'), v: 2 },
        { feature_time: new Date('2024-01-03'), v: 2 },
      ])
    }))
})
