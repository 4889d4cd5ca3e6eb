import {
  buildTrainingSet,
  entity,
  fact,
  featureService,
  featureView,
  lookupTable,
  vectorFields,
  type ServicePlan,
} from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  calendarColumns,
  profileCategories,
  profileReference,
  runDrift,
  vectorColumns,
  type DriftResult,
  type ReferenceProfile,
} from '../../src/index.ts'
import { columnResult, findingsOf, tableOf } from '../tables.ts'
import { normal } from '../random.ts'
import { day, monday } from './seasons.ts'

const hour = 3_600_000
const now = new Date(monday + 60 * day)
const zone = 'Europe/Zurich'
const meter = entity('meter', { meter_id: z.string() })
let warehouse: Warehouse
let service: ServicePlan
let trained: string
let profile: ReferenceProfile

/** Rows of a training set at local midnights, as `training-set` makes them. */
async function vectors(from: number, days: number, into: string): Promise<string> {
  const spine = await tableOf(warehouse, {
    meter_id: { type: 'text', values: Array.from({ length: days * 20 }, (_, i) => `m${i % 20}`) },
    predict_at: {
      type: 'timestamp',
      values: Array.from({ length: days * 20 }, (_, i) => new Date(from + 6 * hour + Math.floor(i / 20) * day)),
    },
  })
  const { table } = await buildTrainingSet({ warehouse, service, spine: { table: spine }, time: 'predict_at', into })
  return table
}

const compare = (
  relation: string | ReturnType<typeof sql>,
  of: ReferenceProfile = profile,
  definitions: ServicePlan | null = service,
): Promise<DriftResult> =>
  runDrift({
    warehouse,
    profile: of,
    current: { relation, time: 'predict_at', ignore: ['meter_id', 'spine_row'] },
    windows: [{ from: new Date(monday + 27 * day), to: new Date(monday + 30 * day) }],
    now,
    record: false,
    ...(definitions === null ? {} : { definitions }),
  })

beforeAll(async () => {
  warehouse = await openTestWarehouse()
  const draw = normal(3)
  const rows = Array.from({ length: 20 * 40 }, (_, i) => i)
  const usage = await tableOf(warehouse, {
    meter_id: { type: 'text', values: rows.map((i) => `m${i % 20}`) },
    ts: { type: 'timestamp', values: rows.map((i) => new Date(monday - 6 * day + Math.floor(i / 20) * day)) },
    kwh: { type: 'double', values: rows.map(() => draw()) },
  })
  const days = await tableOf(warehouse, {
    day: { type: 'text', values: ['2026-01-06', '2026-02-02'] },
    name: { type: 'text', values: ['Epiphany', 'Candlemas'] },
  })
  const dated = `${days}_dated`
  await warehouse.run(
    warehouse.leaves.createTableAs(dated, sql`SELECT CAST(day AS DATE) AS day, name FROM ${sql.id(days)}`),
  )
  const readings = fact(usage, {
    columns: { meter_id: z.string(), ts: z.date(), kwh: z.number() },
    entities: [meter],
    eventTime: 'ts',
  })
  const holidays = lookupTable(dated, {
    columns: { day: z.iso.date(), name: z.string() },
    day: 'day',
    knownAhead: true,
  })
  const recent = featureView('recent', {
    of: meter,
    from: readings,
    every: '1d',
    zone,
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), holiday: f.lookup(holidays, 'name') }),
    derive: (v) => ({ double: v.kwh_1d.mul(2) }),
  })
  const calendar = featureView('calendar', {
    every: '1d',
    delay: '6h',
    zone,
    features: (f) => ({
      weekday: f.calendar('dayOfWeek'),
      weekend: f.calendar('isWeekend'),
      holiday: f.lookup(holidays, 'name'),
    }),
    derive: (v) => ({ workday: v.weekend.not().and(v.holiday.isNull()) }),
  })
  service = featureService('next_day', [recent, calendar]).plan
  trained = await vectors(monday, 21, 'training.trained')
  profile = await profileReference(warehouse, {
    name: 'next_day',
    relation: trained,
    columns: vectorColumns(vectorFields(service), { calendar: calendarColumns(service) }),
    time: 'predict_at',
    rowKind: 'trainingSet',
    now,
  })
})
afterAll(() => warehouse.close())

describe('columns that follow from the clock', () => {
  it('are known from the definitions: parts of the date, lookups, and what is made of them', () => {
    expect(calendarColumns(service)).toEqual([
      'recent__holiday',
      'calendar__weekday',
      'calendar__weekend',
      'calendar__holiday',
      'calendar__workday',
    ])
    expect(profile.columns.filter(({ calendar }) => calendar === true).map(({ name }) => name)).toEqual(
      calendarColumns(service),
    )
  })

  it('a weekend and a holiday are no drift: the columns agree with the calendar', async () => {
    const current = await vectors(monday + 27 * day, 3, 'training.current')
    const result = await compare(current)
    expect(result.status).toBe('ok')
    expect(findingsOf(result)).toEqual([])
    expect(columnResult(result, 'calendar__weekday')).toMatchObject({
      status: 'ok',
      q: null,
      sentence: 'Follows from the clock: all of 60 rows agree with the calendar.',
    })
    const unmarked = { ...profile, columns: profile.columns.map(({ calendar: _, ...column }) => column) }
    const blind = await compare(current, unmarked, null)
    expect(blind.lookAt).toContain('calendar__weekday')
    const marked = await compare(current, unmarked)
    expect(marked.lookAt).toEqual([])
  })

  it('rows that say something else than the calendar are a finding', async () => {
    const current = await vectors(monday + 27 * day, 3, 'training.current')
    const columns = (await warehouse.introspect(current)) ?? []
    const changed = columns.map(({ name }) =>
      name === 'calendar__weekday'
        ? sql`CASE WHEN meter_id = 'm3' THEN 4 ELSE calendar__weekday END AS calendar__weekday`
        : sql`${sql.id(name)}`,
    )
    const wrong = sql`SELECT ${sql.join(changed)} FROM ${sql.table(current)}`
    const result = await compare(wrong)
    expect(findingsOf(result)).toMatchObject([
      {
        kind: 'calendar',
        column: 'calendar__weekday',
        severity: 'warn',
        sentence:
          'calendar__weekday differs from the calendar in 3 of 60 rows (5 %); it follows from the time of the row.',
      },
    ])
    expect(result.exitCode).toBe(2)
  })

  it('are compared in rows that have columns called as the comparison might call its own', async () => {
    const current = await vectors(monday + 27 * day, 3, 'training.current')
    const rows = sql`SELECT t.*, 1 AS expected_0, 'x' AS ${sql.id('EXPECTED_1')} FROM ${sql.table(current)} t`
    const result = await compare(rows)
    expect(findingsOf(result).filter(({ kind }) => kind !== 'extraColumn')).toEqual([])
    expect(columnResult(result, 'calendar__weekday').sentence).toContain('all of 60 rows agree')
  })

  it('that became another type are that finding, and nobody else is kept from an answer', async () => {
    const current = await vectors(monday + 27 * day, 3, 'training.current')
    const columns = (await warehouse.introspect(current)) ?? []
    const changed = columns.map(({ name }) =>
      name === 'calendar__weekday' ? sql`'Monday' AS calendar__weekday` : sql`${sql.id(name)}`,
    )
    const named = sql`SELECT ${sql.join(changed)} FROM ${sql.table(current)}`
    const result = await compare(named)
    expect(findingsOf(result).map(({ kind, column }) => [kind, column])).toEqual([['typeChange', 'calendar__weekday']])
    expect(columnResult(result, 'calendar__weekend').sentence).toContain('all of 60 rows agree')
    // The definitions changed instead, and the profile has names of days as the rows do.
    const text = { ...profileCategories({ name: 'calendar__weekday', type: 'text' }, ['Monday']), calendar: true }
    const columnsBefore = profile.columns.map((column) => (column.name === text.name ? text : column))
    const before = await compare(named, { ...profile, columns: columnsBefore })
    expect(findingsOf(before).map(({ kind, column, current: share }) => [kind, column, share])).toEqual([
      ['calendar', 'calendar__weekday', 1],
    ])
  })

  it('without definitions they are not checked, which is said, and still no drift', async () => {
    const current = await vectors(monday + 27 * day, 3, 'training.current')
    const result = await compare(current, profile, null)
    expect(result.lookAt).toEqual([])
    expect(columnResult(result, 'calendar__weekday').sentence).toContain('not checked')
  })

  it('rows of a feature table are checked at their feature times', async () => {
    const { leaves } = warehouse
    const features = await vectors(monday + 27 * day, 3, 'training.current')
    const shifted = (name: string, back: number) =>
      warehouse.run(
        leaves.createTableAs(
          name,
          sql`
            SELECT ${leaves.addMicros(sql.raw('predict_at'), -back * hour * 1000)} AS feature_time,
              calendar__weekday AS weekday, calendar__weekend AS weekend, calendar__holiday AS holiday, calendar__workday AS workday
            FROM ${sql.table(features)}
          `,
        ),
      )
    await shifted('right_times', 7)
    await shifted('wrong_times', 7 + 24)
    const of = (featureTable: string) =>
      runDrift({
        warehouse,
        profile,
        current: { featureTable, view: 'calendar' },
        now,
        record: false,
        definitions: service,
      })
    const calendarFindings = async (featureTable: string) =>
      findingsOf(await of(featureTable)).filter(({ kind }) => kind === 'calendar')
    expect(columnResult(await of('right_times'), 'calendar__weekday').sentence).toContain('all of 60 rows agree')
    expect(await calendarFindings('right_times')).toEqual([])
    expect(await calendarFindings('wrong_times')).toMatchObject([
      { column: 'calendar__weekday', severity: 'crit' },
      { column: 'calendar__weekend', severity: 'crit' },
      { column: 'calendar__holiday', severity: 'crit' },
      { column: 'calendar__workday', severity: 'crit' },
    ])
  })
})
