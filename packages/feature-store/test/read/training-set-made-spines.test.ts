import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  dimension,
  entity,
  everyGrid,
  fact,
  featureService,
  featureView,
  happens,
  label,
  precomputed,
  whenever,
  type MadeSpine,
  type TrainingSetOptions,
} from '../../src/index.ts'
import { fill, refusal } from './training-marts.ts'

const machine = entity('machine', { machine_id: z.string() })
const crew = entity('crew', { crew_id: z.int() })
const failures = fact('mart.failures', {
  columns: {
    machine_id: z.string(),
    crew_id: z.int().nullable(),
    ts: z.date(),
    arrived: z.date(),
    part: z.string(),
    hours: z.number(),
  },
  entities: [machine, crew],
  eventTime: 'ts',
})
const late = fact('mart.failures', { ...failureSpec(), knownAt: 'arrived' })
const machines = dimension('mart.machines', {
  columns: { machine_id: z.string(), since: z.date(), until: z.date().nullable() },
  entity: machine,
  validFrom: 'since',
  validTo: 'until',
})
const scores = precomputed('mart.machine_scores', {
  columns: { machine_id: z.string(), at: z.date(), written: z.date(), score: z.number() },
  entity: machine,
  time: 'at',
  created: 'written',
})

function failureSpec() {
  const { machine_id, ts, arrived, hours } = {
    machine_id: z.string(),
    ts: z.date(),
    arrived: z.date(),
    hours: z.number(),
  }
  return { columns: { machine_id, ts, arrived, hours }, entities: [machine], eventTime: 'ts' } as const
}

const view = featureView('wear', {
  of: machine,
  from: failures,
  every: '1d',
  delay: '6h',
  features: (f) => ({ n: f.count().lifetime() }),
})
const service = featureService('wear', [view])
const soon = label('soon', { of: machine, value: happens(failures).within('2h') })

const day = (text: string): Date => new Date(`${text}Z`)

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  await fill(warehouse, 'mart.failures', {
    machine_id: { type: 'text', values: ['a', 'a', 'a', 'b', null, 'b', 'a'] },
    crew_id: { type: 'bigint', values: [1, 1, 2, null, 1, 2, 1] },
    ts: {
      type: 'timestamp',
      values: [
        day('2024-03-29T12:00'),
        day('2024-03-30T08:30'),
        day('2024-03-30T08:30'),
        day('2024-03-30T23:59:59.999'),
        day('2024-03-30T12:00'),
        day('2024-04-01T00:00'),
        null,
      ],
    },
    arrived: {
      type: 'timestamp',
      values: [
        day('2024-03-31T02:00'),
        day('2024-03-30T09:00'),
        day('2024-03-30T09:00'),
        day('2024-03-31T00:00'),
        day('2024-03-30T12:00'),
        day('2024-04-05T00:00'),
        day('2024-03-30T12:00'),
      ],
    },
    part: { type: 'text', values: ['pump', 'valve', 'pump', 'pump', 'pump', 'valve', 'pump'] },
    hours: { type: 'double', values: [1, 2, 3, 4, 5, 6, 7] },
  })
  await fill(warehouse, 'mart.machines', {
    machine_id: { type: 'text', values: ['a', 'a', 'b', 'c', 'd', null] },
    since: {
      type: 'timestamp',
      values: [
        day('2024-01-01T00:00'),
        day('2024-03-29T00:00'),
        day('2024-03-30T00:00'),
        day('2024-03-30T12:00'),
        null,
        day('2024-01-01T00:00'),
      ],
    },
    // The second interval of a lies in the first; that of c is empty.
    until: {
      type: 'timestamp',
      values: [day('2024-04-01T00:00'), day('2024-03-30T00:00'), null, day('2024-03-30T12:00'), null, null],
    },
  })
  await fill(warehouse, 'mart.machine_scores', {
    machine_id: { type: 'text', values: ['a', 'b', 'b'] },
    at: { type: 'timestamp', values: [day('2024-03-29T00:00'), day('2024-03-29T00:00'), day('2024-03-30T00:00')] },
    written: { type: 'timestamp', values: [day('2024-03-28T00:00'), day('2024-04-02T00:00'), day('2024-03-31T00:00')] },
    score: { type: 'double', values: [1, 2, 3] },
  })
})
afterAll(() => warehouse.close())

const build = (spine: MadeSpine, options: Partial<TrainingSetOptions> = {}) =>
  buildTrainingSet({ warehouse, service, spine, time: 'at', asOf: day('2024-05-01T00:00'), ...options })
/** `machine at` for each row of the set, in order. */
async function rows(spine: MadeSpine, options: Partial<TrainingSetOptions> = {}): Promise<readonly string[]> {
  const set = await build(spine, options)
  return rowsOf<{ machine_id: string; at: Date }>(await set.read()).map(
    ({ machine_id: id, at }) => `${id} ${at.toISOString().slice(0, 16)}`,
  )
}

describe('everyGrid', () => {
  const range = { from: '2024-03-29', to: '2024-04-02', every: '1d' } as const

  test('of a dimension has everybody who is valid at the time, once', async () => {
    expect(await rows(everyGrid({ of: machines, ...range }))).toEqual([
      'a 2024-03-29T00:00',
      'a 2024-03-30T00:00',
      'b 2024-03-30T00:00',
      'a 2024-03-31T00:00',
      'b 2024-03-31T00:00',
      'b 2024-04-01T00:00',
    ])
  })

  test('of a view has whoever would be served a row', async () => {
    // At midnight the row of the day before is served, 6 hours later that of the day.
    expect(await rows(everyGrid({ of: view, ...range }))).toEqual([
      'a 2024-03-31T00:00',
      'a 2024-04-01T00:00',
      'b 2024-04-01T00:00',
    ])
    expect(await rows(everyGrid({ of: view, ...range, after: '6h' }))).toEqual([
      'a 2024-03-30T06:00',
      'a 2024-03-31T06:00',
      'b 2024-03-31T06:00',
      'a 2024-04-01T06:00',
      'b 2024-04-01T06:00',
    ])
  })

  test('of a view whose facts arrive late has nobody before they do', async () => {
    const arriving = featureView('arriving', {
      of: machine,
      from: late,
      every: '1d',
      delay: '6h',
      features: (f) => ({ n: f.count().lifetime() }),
    })
    const spine = everyGrid({ of: arriving, from: '2024-03-30T06:00', to: '2024-04-01', every: '1d', after: '6h' })
    // Of a on the 30th only the failure of the 29th counts, which arrives on the 31st.
    expect(await rows(spine, { service: featureService('late', [arriving]) })).toEqual([
      'a 2024-03-31T06:00',
      'b 2024-03-31T06:00',
    ])
  })

  test('of a view with a population, and of precomputed rows', async () => {
    const peopled = featureView('peopled', {
      of: machine,
      from: failures,
      population: machines,
      every: '1d',
      delay: '6h',
      features: (f) => ({ n: f.count().lifetime() }),
    })
    expect(await rows(everyGrid({ of: peopled, from: '2024-03-30', to: '2024-03-31', every: '12h' }))).toEqual([
      'a 2024-03-30T00:00',
      'a 2024-03-30T12:00',
      'b 2024-03-30T12:00',
    ])
    const given = featureView('given', {
      of: machine,
      from: scores,
      every: '1d',
      delay: '12h',
      features: (f) => ({ score: f.column('score') }),
    })
    expect(await rows(everyGrid({ of: given, from: '2024-03-29', to: '2024-03-31T01:00', every: '12h' }))).toEqual([
      'a 2024-03-29T12:00',
      'a 2024-03-30T00:00',
      'a 2024-03-30T12:00',
      'a 2024-03-31T00:00',
      'b 2024-03-31T00:00',
    ])
  })

  test('of a calendar has one row for each time', async () => {
    const calendar = featureView('calendar', { every: '1h', features: (f) => ({ hour: f.calendar('hour') }) })
    const set = await build(everyGrid({ of: calendar, from: '2024-03-29', to: '2024-03-29T03:00', every: '1h' }), {
      service: featureService('calendar', [calendar]),
    })
    expect(rowsOf(await set.read()).map((row) => row['calendar__hour'])).toEqual([0, 1, 2])
  })

  test("follows a zone's clock through the day on which it changes", async () => {
    const zone = 'Europe/Zurich'
    const spine = everyGrid({ of: machines, from: '2024-03-30', to: '2024-04-02', every: '1d', zone })
    // Midnights in Zurich; the 31st has 23 hours.
    expect((await rows(spine)).filter((row) => row.startsWith('b'))).toEqual([
      'b 2024-03-30T23:00',
      'b 2024-03-31T22:00',
    ])
    const hours = await rows(everyGrid({ of: machines, from: '2024-03-31', to: '2024-04-01', every: '1h', zone }))
    expect(hours.filter((row) => row.startsWith('b'))).toHaveLength(23)
    expect(spine.plan.from).toBe(BigInt(Date.UTC(2024, 2, 29, 23)) * 1000n)
  })

  test.each([
    // Skipped, read with the offset from before; shown twice, the second time.
    ['2024-03-31T02:30', '2024-03-31T01:30'],
    ['2024-10-27T02:30', '2024-10-27T01:30'],
    ['2024-10-27T01:59', '2024-10-26T23:59'],
    ['2024-07-01T00:00+05:30', '2024-06-30T18:30'],
    ['2024-07-01', '2024-06-30T22:00'],
  ])('reads %s by the clock of Zurich as %s UTC', (text, utc) => {
    const { plan } = everyGrid({ of: machines, from: text, to: '2025-01-01', every: '1d', zone: 'Europe/Zurich' })
    expect(new Date(Number(plan.from / 1000n)).toISOString().slice(0, 16)).toBe(utc)
  })

  test('is named in the manifest', async () => {
    const { manifest } = await build(everyGrid({ of: view, ...range, after: '6h' }))
    expect(manifest).toMatchObject({
      rows: 5,
      first: '2024-03-30T06:00:00.000Z',
      spine: {
        kind: 'everyGrid',
        of: 'view wear',
        every: '1d',
        zone: 'UTC',
        after: '6h',
        to: '2024-04-02T00:00:00.000Z',
      },
    })
  })
})

describe('whenever', () => {
  test('has a row before each event that meets the condition, and of two at once two', async () => {
    const spine = whenever(failures, {
      where: (r) => r.hours.gt(1),
      before: '1h',
      of: machine,
      columns: ['part', 'hours', 'ts'],
    })
    const set = await build(spine, { labels: [soon] })
    expect(
      rowsOf<Record<string, unknown>>(await set.read()).map(({ machine_id: id, at, part, hours, ts, soon: label }) => [
        id,
        (at as Date).toISOString().slice(0, 19),
        part,
        hours,
        (ts as Date).getTime() - (at as Date).getTime(),
        label,
      ]),
    ).toEqual([
      ['a', '2024-03-30T07:30:00', 'pump', 3, 3_600_000, true],
      ['a', '2024-03-30T07:30:00', 'valve', 2, 3_600_000, true],
      ['b', '2024-03-30T22:59:59', 'pump', 4, 3_600_000, true],
      ['b', '2024-03-31T23:00:00', 'valve', 6, 3_600_000, true],
    ])
  })

  test('has features of what was known by then, and the event itself only in labels', async () => {
    const at = featureView('at', {
      of: machine,
      from: failures,
      every: '1h',
      features: (f) => ({ n: f.count().lifetime() }),
    })
    const own = await build(whenever(failures, { of: machine }), {
      service: featureService('at', [at]),
      labels: [soon],
    })
    expect(
      rowsOf<Record<string, unknown>>(await own.read()).map(({ machine_id: id, at__n: n, soon: label }) => [
        id,
        n,
        label,
      ]),
    ).toEqual([
      ['a', null, true],
      ['a', 1, true],
      ['a', 1, true],
      ['b', null, true],
      // b's failure of the night before.
      ['b', 1, true],
    ])
  })

  test('of several entities has the keys of all of them, and no row where one is missing', async () => {
    const set = await build(whenever(failures))
    expect(
      rowsOf<Record<string, unknown>>(await set.read()).map(({ machine_id: id, crew_id: of }) => [id, of]),
    ).toEqual([
      ['a', 1],
      ['a', 1],
      ['a', 2],
      ['b', 2],
    ])
    expect(await rows(whenever(failures, { of: machine }))).toHaveLength(5)
  })

  test('takes computed columns, and what an event has of the one before', async () => {
    const gaps = failures.with((r) => ({ days: r.sincePrevious(), minutes: r.hours.mul(60) }))
    const spine = whenever(gaps, { of: machine, where: (r) => r.days.gt(0.5), columns: ['days', 'minutes'] })
    const set = await build(spine)
    expect(rowsOf<Record<string, unknown>>(await set.read()).map((row) => [row['machine_id'], row['minutes']])).toEqual(
      [
        ['a', 120],
        ['b', 360],
      ],
    )
  })
})

test('keys that events have from a dimension', async () => {
  await fill(warehouse, 'mart.places', {
    machine_id: { type: 'text', values: ['a', 'a', 'b'] },
    site_id: { type: 'text', values: ['north', 'south', 'south'] },
    since: {
      type: 'timestamp',
      values: [day('2024-01-01T00:00'), day('2024-03-30T00:00'), day('2024-03-30T00:00')],
    },
  })
  const site = entity('site', { site_id: z.string() })
  const places = dimension('mart.places', {
    columns: { machine_id: z.string(), site_id: z.string(), since: z.date() },
    entity: machine,
    validFrom: 'since',
  })
  const placed = failures.with(places, { on: { machine_id: 'machine_id' }, entities: [site] })
  const sites = featureView('sites', {
    of: site,
    from: placed,
    every: '1d',
    features: (f) => ({ n: f.count().lifetime() }),
  })
  const answered = async (spine: MadeSpine): Promise<readonly string[]> => {
    const set = await build(spine, { service: featureService('sites', [sites]) })
    return rowsOf<{ site_id: string; at: Date; sites__n: number }>(await set.read()).map(
      (row) => `${row.site_id} ${row.at.toISOString().slice(5, 16)} ${row.sites__n}`,
    )
  }
  expect(await answered(everyGrid({ of: sites, from: '2024-03-30', to: '2024-04-01', every: '1d' }))).toEqual([
    'north 03-30T00:00 1',
    'north 03-31T00:00 1',
    'south 03-31T00:00 3',
  ])
  const pumps = whenever(placed, { of: site, where: (r) => r.part.eq('pump').and(r.site_id.isNull().not()) })
  expect(await answered(pumps)).toEqual(['north 03-29T12:00 null', 'south 03-30T08:30 null', 'south 03-30T23:59 null'])
})

describe('a spine that is made is refused', () => {
  const none = { from: '2020-01-01', to: '2020-02-01', every: '1d' } as const
  test.each<readonly [string, () => MadeSpine, Partial<TrainingSetOptions>, string, string]>([
    [
      'when nobody is there',
      () => everyGrid({ of: view, ...none }),
      {},
      'BAD_SPINE',
      'The spine has no rows: view wear has nobody between 2020-01-01T00:00:00.000Z and 2020-02-01T00:00:00.000Z.',
    ],
    [
      'when the grid has no time in the range',
      () => everyGrid({ of: machines, from: '2024-03-30T01:00', to: '2024-03-30T02:00', every: '1d' }),
      {},
      'BAD_SPINE',
      'The spine has no rows: its grid, 1d in UTC, has no time between',
    ],
    [
      'when no event meets the condition',
      () => whenever(failures, { where: (r) => r.hours.gt(100) }),
      {},
      'BAD_SPINE',
      'no event of mart.failures has all keys (machine_id, crew_id), a time and meets the condition',
    ],
    [
      'with a zone, because it has instants',
      () => everyGrid({ of: machines, from: '2024-03-30', to: '2024-03-31', every: '1d' }),
      { zone: 'Europe/Zurich' },
      'BAD_SPINE',
      'A spine of everyGrid has instants, so it takes no zone. Leave `zone` out, or give it to everyGrid.',
    ],
    [
      'when its time would have the name of a key',
      () => everyGrid({ of: machines, from: '2024-03-30', to: '2024-03-31', every: '1d' }),
      { time: 'Machine_ID' },
      'BAD_SPINE',
      "The time column 'Machine_ID' has the name of another column of the spine, 'machine_id'.",
    ],
    [
      'when it lacks a key of the service',
      () => whenever(failures, { of: crew }),
      {},
      'BAD_SPINE',
      "The spine has no key column 'machine_id'. It has crew_id, at.",
    ],
    [
      'when it has far too many times',
      () => everyGrid({ of: machines, from: '0001-01-01', to: '9999-01-01', every: '5m' }),
      {},
      'BAD_SPINE',
      'more than 1000000. Make the range shorter or the step longer.',
    ],
    [
      'when it would be replaced',
      () => whenever(failures, { of: machine }),
      { into: 'mart.Failures' },
      'BAD_TARGET',
      'would replace mart.Failures, which it is made from',
    ],
    [
      'when its table is not there',
      () =>
        everyGrid({
          of: dimension('mart.gone', { columns: { machine_id: z.string() }, entity: machine }),
          from: '2024-03-30',
          to: '2024-03-31',
          every: '1d',
        }),
      {},
      'SOURCE_MISSING',
      'spine everyGrid reads mart.gone',
    ],
  ])('%s', async (_, spine, options, code, message) => {
    const refused = await refusal(build(spine(), options))
    expect(refused).toMatchObject({ code })
    expect(refused.message).toContain(message)
  })

  test('as a definition, with a sentence', () => {
    const made = (spec: Partial<Parameters<typeof everyGrid<typeof machines>>[0]>) => () =>
      everyGrid({ of: machines, from: '2024-01-01', to: '2024-02-01', every: '1d', ...spec })
    expect(made({ to: '2024-01-01' })).toThrow(
      "spine 'everyGrid': from 2024-01-01T00:00:00.000Z is not before to 2024-01-01T00:00:00.000Z",
    )
    expect(made({ every: '7h' })).toThrow("every '7h' neither divides a day evenly nor is a whole number of days")
    expect(made({ zone: 'Zurich' })).toThrow("zone 'Zurich' is not an IANA time zone")
    expect(made({ from: 'yesterday' })).toThrow('from of everyGrid "yesterday" is not a point in time')
    // @ts-expect-error A fact has no population.
    expect(() => everyGrid({ of: failures, from: '2024-01-01', to: '2024-02-01', every: '1d' })).toThrow(
      'of must be a dimension or a feature view, which have a population',
    )
    const over = featureView('over', { of: machine, from: view, every: '1d', features: (v) => ({ n: v.n }) })
    expect(() => everyGrid({ of: over, from: '2024-01-01', to: '2024-02-01', every: '1d' })).toThrow(
      "view 'over': it is made of other views; name one of them ('wear'), or the dimension that says who is there",
    )
    // @ts-expect-error It is no fact.
    expect(() => whenever(machines)).toThrow('it takes a fact, whose events have a time; use everyGrid')
    // @ts-expect-error Nor does the fact have this column.
    expect(() => whenever(failures, { columns: ['parts'] })).toThrow("this fact has no column 'parts'")
    expect(() => whenever(failures, { columns: ['crew_id'] })).toThrow("column 'crew_id' is a key")
    const other = entity('site', { site_id: z.string() })
    // @ts-expect-error Nor is it of this entity.
    expect(() => whenever(failures, { of: other })).toThrow(
      "entity 'site' is not one of the entities of fact 'mart.failures', which are machine, crew",
    )
    expect(() => whenever(failures, { where: (r) => r.sincePrevious().gt(1) })).toThrow(
      'it asks for the event before, and the fact has several entities; say whose with `of`',
    )
    const legs = fact('mart.legs', {
      columns: { origin: z.string(), target: z.string(), ts: z.date() },
      entities: [
        machine.from({ machine_id: 'origin' }),
        entity('target', { machine_id: z.string() }).from({ machine_id: 'target' }),
      ],
      eventTime: 'ts',
    })
    expect(() => whenever(legs)).toThrow(
      "key 'machine_id' is column 'origin' for one entity of the fact and 'target' for another; say with `of` whose keys",
    )
  })
})
