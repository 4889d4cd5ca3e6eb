import process from 'node:process'
import { sql, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf, testEngine } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  dimension,
  entity,
  everyGrid,
  fact,
  featureService,
  featureView,
  whenever,
  type MadeSpine,
} from '../../src/index.ts'
import { onGrid, servedTime } from '../oracle/clock.ts'
import { replaceTable, rowsOf } from '../oracle/mart-tables.ts'
import type { Row, Value } from '../oracle/row.ts'

const HOUR = 3_600_000_000
/** The clock of Zurich goes forward on the third day. */
const START = Date.UTC(2024, 2, 29) * 1000
const INFINITY = Number.POSITIVE_INFINITY

const site = entity('site', { site: z.string() })
const events = {
  columns: { site: z.string(), ts: z.date(), arrived: z.date().nullable(), x: z.number().nullable(), n: z.int() },
  entities: [site],
  eventTime: 'ts',
} as const
const plain = fact('mart.spine_events', events)
const late = fact('mart.spine_events', { ...events, knownAt: 'arrived' })
const holds = {
  columns: { site: z.string(), since: z.date(), until: z.date().nullable() },
  entity: site,
  validFrom: 'since',
} as const
const bounded = dimension('mart.spine_sites', { ...holds, validTo: 'until' })
const open = dimension('mart.spine_sites', holds)

const EVENTS = { site: 'text', ts: 'timestamp', arrived: 'timestamp', x: 'double', n: 'bigint' } as const
const SITES = { site: 'text', since: 'timestamp', until: 'timestamp' } as const

const hour = (most: number) => fc.integer({ min: 0, max: most }).map((i) => START + i * HOUR)
const name = fc.constantFrom<Value>('a', 'b', 'c', null)
const event = fc
  .record({
    site: name,
    ts: fc.option(hour(6 * 24), { freq: 10 }),
    late: fc.constantFrom(0, HOUR, 30 * HOUR, null),
    x: fc.constantFrom<Value>(1, 2, 3, null),
    n: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ late: by, ...row }) => ({ ...row, arrived: by === null || row.ts === null ? null : row.ts + by }))
const interval = fc
  .record({
    site: name,
    since: fc.option(hour(6 * 24), { freq: 10 }),
    length: fc.option(fc.integer({ min: 0, max: 72 })),
  })
  .map(({ site: one, since, length }) => ({
    site: one,
    since,
    until: length === null || since === null ? null : since + length * HOUR,
  }))
const mart = fc.record({
  events: fc.array(event, { minLength: 1, maxLength: 20 }),
  sites: fc.array(interval, { minLength: 1, maxLength: 8 }),
})

const asked = fc.record({
  of: fc.constantFrom('bounded', 'open', 'plain', 'late', 'peopled'),
  every: fc.constantFrom('6h', '12h', '1d', '2d'),
  zone: fc.constantFrom('UTC', 'Europe/Zurich', 'Asia/Kolkata'),
  after: fc.constantFrom(0, 1, 6),
  from: fc.integer({ min: 0, max: 48 }),
  length: fc.integer({ min: 24, max: 96 }),
  grid: fc.constantFrom('6h', '1d'),
  delay: fc.constantFrom(0, 6),
})
const condition = fc.record({ least: fc.constantFrom(null, 0, 2), before: fc.constantFrom(0, 1, 26) })

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** Many marts are asked at once; each has sites of its own. */
const TOGETHER = 4
const runs = runsOf(320 / TOGETHER)
const marts = fc.array(mart, { minLength: TOGETHER, maxLength: TOGETHER }).map((all) => {
  const own = <R extends Row>(rows: readonly R[], i: number): readonly R[] =>
    rows.map((row) => (row['site'] === null ? row : { ...row, site: `${i}.${String(row['site'])}` }))
  return { events: all.flatMap((one, i) => own(one.events, i)), sites: all.flatMap((one, i) => own(one.sites, i)) }
})

async function load(given: { readonly events: readonly Row[]; readonly sites: readonly Row[] }): Promise<void> {
  await replaceTable(warehouse, 'mart.spine_events', EVENTS, given.events)
  await replaceTable(warehouse, 'mart.spine_sites', SITES, given.sites)
  if (testEngine === 'duckdb') {
    await warehouse.run(
      sql`INSERT INTO mart.spine_events VALUES ('0.a', 'infinity', NULL, 3, 3), ('0.b', '-infinity', '-infinity', 3, 3)`,
    )
    await warehouse.run(
      sql`INSERT INTO mart.spine_sites VALUES ('0.a', 'infinity', NULL), ('0.z', '-infinity', 'infinity')`,
    )
  }
}

async function made(spine: MadeSpine): Promise<readonly string[]> {
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('made', [view('plain', '1d', 0)]),
    spine,
    time: 'at',
    into: 'training.made',
  })
  const found = rowsOf(await set.read())
  expect(found.map((row) => row['spine_row'])).toEqual(found.map((_, i) => i))
  return found.map((row) => JSON.stringify([row['at'], row['site'], ...('n' in row ? [row['n']] : [])]))
}

function view(of: 'plain' | 'late' | 'peopled', every: '6h' | '1d', delay: number) {
  return featureView(of, {
    of: site,
    from: of === 'late' ? late : plain,
    ...(of === 'peopled' ? { population: bounded } : {}),
    every,
    delay: `${delay}h`,
    features: (f) => ({ n: f.count().lifetime() }),
  })
}

test(`everyGrid has whom brute force has, in ${runs * TOGETHER} marts`, { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(marts, asked, async (given, ask) => {
      await load(given)
      const [from, to] = [START + ask.from * HOUR, START + (ask.from + ask.length) * HOUR]
      const { of, zone } = ask
      const spine = everyGrid({
        of: of === 'bounded' ? bounded : of === 'open' ? open : view(of, ask.grid, ask.delay),
        every: ask.every,
        zone,
        after: `${ask.after}h`,
        from: new Date(from / 1000),
        to: new Date(to / 1000),
      })
      const expected = everyTime(from, to, ask).flatMap((at) => {
        const there = new Set<string>()
        const T = of === 'bounded' || of === 'open' ? at : servedTime(view(of, ask.grid, ask.delay).plan, at)
        if (of === 'plain' || of === 'late') {
          for (const { site: one, ts, arrived } of given.events)
            if (
              one !== null &&
              ts !== null &&
              ts < T &&
              (of === 'plain' || (arrived !== null && arrived <= T + ask.delay * HOUR))
            )
              there.add(String(one))
        } else {
          for (const { site: one, since, until } of given.sites)
            if (
              one !== null &&
              since !== null &&
              since <= T &&
              T < (of === 'open' || until === null ? INFINITY : until)
            )
              there.add(String(one))
          if (testEngine === 'duckdb') there.add('0.z')
        }
        return [...there].toSorted().map((one) => JSON.stringify([at, one]))
      })
      if (expected.length === 0) await expect(made(spine)).rejects.toThrow('The spine has no rows')
      else expect(await made(spine)).toEqual(expected)
    }),
    { numRuns: runs, endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
  )
})

test(`whenever has the events that brute force has, in ${runs * TOGETHER} marts`, { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(marts, condition, async (given, { least, before }) => {
      await load(given)
      const spine = whenever(plain, {
        ...(least === null ? {} : { where: (r) => r.x.gt(least) }),
        before: `${before}h`,
        columns: ['n'],
      })
      const chosen = given.events.filter(
        ({ site: one, ts, x }) => one !== null && ts !== null && (least === null || (x !== null && Number(x) > least)),
      )
      const rows = chosen.map(({ site: one, ts, n }) => [Number(ts) - before * HOUR, String(one), n] as const)
      const expected = rows
        .toSorted(([at, one, n], [at2, two, m]) => at - at2 || (one < two ? -1 : one > two ? 1 : n - m))
        .map((row) => JSON.stringify(row))
      if (expected.length === 0) await expect(made(spine)).rejects.toThrow('The spine has no rows')
      else expect(await made(spine)).toEqual(expected)
    }),
    { numRuns: runs, endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
  )
})

function everyTime(from: number, to: number, ask: { every: string; zone: string; after: number }): readonly number[] {
  const every = { '6h': 6, '12h': 12, '1d': 24, '2d': 48 }[ask.every] ?? 0
  const times: number[] = []
  for (let at = from; at < to; at += HOUR / 4) {
    const grid = at - ask.after * HOUR
    if (ask.zone === 'UTC' ? grid % (every * HOUR) === 0 : onGrid(grid, every * HOUR, ask.zone)) times.push(at)
  }
  return times
}
