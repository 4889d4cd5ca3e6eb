import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, entity, fact, featureService, featureView } from '../../src/index.ts'

test('local units hold the hours that the clock of the zone shows', async () => {
  const site = entity('site', { site_id: z.int() })
  const readings = fact('readings', {
    columns: { site_id: z.int(), ts: z.date(), kwh: z.number() },
    entities: [site],
    eventTime: 'ts',
  })
  const local = featureView('local', {
    of: site,
    from: readings,
    every: '6h',
    zone: 'Europe/Zurich',
    features: (f) => ({
      hours: f.count().overDays(1, 2, 7),
      fixed: f.count().over('1d'),
      before: f.count().overDays(1).shift(1),
      weeks: f.count().overWeeks(1),
      months: f.count().overMonths(1, 2),
      sofar: f.count().toDate('day', 'week', 'month', 'quarter', 'year'),
      last: f.count().previous('day', 'month', 'quarter'),
    }),
  })
  expect(local.picked).toEqual([
    'hours_1day',
    'hours_2days',
    'hours_7days',
    'fixed_1d',
    'before_1day',
    'weeks_1week',
    'months_1month',
    'months_2months',
    'sofar_day_to_date',
    'sofar_week_to_date',
    'sofar_month_to_date',
    'sofar_quarter_to_date',
    'sofar_year_to_date',
    'last_previous_day',
    'last_previous_month',
    'last_previous_quarter',
  ])
  await using warehouse = await openDuckDb()
  // One reading at each hour of 2024, which began in Zurich at 23:00 UTC of the day before.
  await warehouse.run(
    sql`
      CREATE TABLE readings AS
      SELECT 1 AS site_id, TIMESTAMP '2023-12-31 23:00' + to_hours(CAST(i AS INTEGER)) AS ts, 1.0 AS kwh
      FROM range(366 * 24) r(i)
    `,
  )
  const at = async (utc: string) => {
    const spine = { query: sql`SELECT 1 AS site_id, CAST(${utc} AS TIMESTAMP) AS at` }
    const service = featureService('s', [local])
    const [row = {}] = rowsOf(await (await buildTrainingSet({ warehouse, service, spine, time: 'at' })).read())
    return Object.fromEntries(local.picked.map((name) => [name, row[`local__${name}`]]))
  }
  // Monday, April 1, 00:00 in Zurich: clocks went forward on Sunday, so that day, its week and March are an hour short.
  expect(await at('2024-03-31 22:00')).toEqual({
    hours_1day: 23,
    hours_2days: 47,
    hours_7days: 167,
    fixed_1d: 24,
    before_1day: 24,
    weeks_1week: 167,
    months_1month: 31 * 24 - 1,
    months_2months: (31 + 29) * 24 - 1,
    sofar_day_to_date: 0,
    sofar_week_to_date: 0,
    sofar_month_to_date: 0,
    sofar_quarter_to_date: 0,
    sofar_year_to_date: (31 + 29 + 31) * 24 - 1,
    last_previous_day: 23,
    last_previous_month: 31 * 24 - 1,
    last_previous_quarter: (31 + 29 + 31) * 24 - 1,
  })
  // Monday, October 28, 12:00 in Zurich: the Sunday before had 25 hours.
  expect(await at('2024-10-28 11:00')).toEqual({
    hours_1day: 25,
    hours_2days: 49,
    hours_7days: 169,
    fixed_1d: 24,
    before_1day: 24,
    weeks_1week: 169,
    months_1month: 30 * 24,
    months_2months: (31 + 30) * 24,
    sofar_day_to_date: 12,
    sofar_week_to_date: 12,
    sofar_month_to_date: 27 * 24 + 12 + 1,
    sofar_quarter_to_date: 27 * 24 + 12 + 1,
    sofar_year_to_date: (366 - 31 - 30 - 4) * 24 + 12,
    last_previous_day: 25,
    last_previous_month: 30 * 24,
    last_previous_quarter: (31 + 31 + 30) * 24,
  })
})
