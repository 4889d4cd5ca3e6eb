import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import {
  profileFromJson,
  profileReference,
  profileToJson,
  runDrift,
  toHtml,
  toJson,
  toMarkdown,
  type DriftResult,
  type ReferenceChoice,
  type ReferenceProfile,
  type TimeWindow,
} from '../../src/index.ts'
import { seasonWords } from '../../src/profile/season.ts'
import { columnResult, double, findingsOf, tableOf } from '../tables.ts'
import { columns, day, days, monday, seasonalTable } from './seasons.ts'

const now = new Date(monday + 60 * day)
const perDay = 100
let warehouse: Warehouse
let profile: ReferenceProfile
let steady: string
let shifted: string

async function compare(
  table: string,
  windows: readonly TimeWindow[],
  against?: ReferenceChoice,
  of: ReferenceProfile = profile,
): Promise<DriftResult> {
  return runDrift({
    warehouse,
    profile: of,
    current: { relation: table, time: 'ts' },
    windows,
    now,
    record: false,
    ...(against === undefined ? {} : { against }),
  })
}

beforeAll(async () => {
  warehouse = await openTestWarehouse()
  const reference = await seasonalTable(warehouse, { seed: 1, from: monday, days: 28, perDay })
  steady = await seasonalTable(warehouse, { seed: 2, from: monday, days: 49, perDay })
  shifted = await seasonalTable(warehouse, {
    seed: 3,
    from: monday,
    days: 49,
    perDay,
    shift: { at: monday + 42 * day, by: 1 },
  })
  profile = await profileReference(warehouse, {
    name: 'season',
    relation: sql`SELECT * FROM ${sql.id(reference)}`,
    columns,
    time: 'ts',
    seasons: ['weekday'],
    now,
  })
})
afterAll(() => warehouse.close())

describe('a window compared with the same season of the reference', () => {
  it('42: a Saturday alerts against the whole week and not against Saturdays', async () => {
    const plain = await compare(steady, [days(47)])
    expect(plain.status).toBe('drift')
    expect(plain.lookAt).toContain('x')
    const matched = await compare(steady, [days(47)], { match: ['weekday'] })
    expect(matched.status).toBe('ok')
    expect(matched.exitCode).toBe(0)
    expect(findingsOf(matched)).toEqual([])
    expect(toMarkdown(matched)).toContain('Compared with the stored profile, rows of the same weekday: 400 rows.')
    expect(toHtml(matched)).toContain('Compared with the stored profile, rows of the same weekday: 400 rows.')
    expect(matched.windows[0]?.reference).toMatchObject({
      rows: 4 * perDay,
      sentence: 'Compared with the stored profile, rows of the same weekday: 400 rows.',
    })
  })

  it('a week against the week, a working week against working days: only a moved level alerts', async () => {
    for (const window of [days(42, 7), days(42, 5), days(46, 3), days(42), days(48)]) {
      const same = await compare(steady, [window], { match: ['weekday'] })
      const moved = await compare(shifted, [window], { match: ['weekday'] })
      expect(same.status).toBe('ok')
      expect(moved.status).toBe('drift')
      expect(moved.lookAt).toEqual(['x'])
      expect(columnResult(moved, 'x').sentence).toMatch(/Values moved up by (0\.9\d*|1|1\.\d+) on average/)
    }
  })

  it('a whole week has the counts of the profile itself', async () => {
    const matched = await compare(steady, [days(42, 7)], { match: ['weekday'] })
    const plain = await compare(steady, [days(42, 7)])
    expect(matched.columns.map(({ reference }) => reference)).toEqual(plain.columns.map(({ reference }) => reference))
    const psi = (result: DriftResult) => columnResult(result, 'x').metrics.find(({ metric }) => metric === 'psi')
    expect(psi(matched)?.value).toBeCloseTo(psi(plain)?.value ?? Number.NaN, 12)
  })

  it('unequal shares of seasons count for as many rows as Kish says', async () => {
    // 90 % Mondays and 10 % Saturdays
    const table = sql`
      SELECT * FROM ${sql.id(steady)}
      WHERE ts >= ${warehouse.leaves.timestamp((monday + 42 * day) * 1000)}
        AND ts < ${warehouse.leaves.timestamp((monday + 43 * day) * 1000)}
      UNION ALL
      SELECT * FROM (
        SELECT * FROM ${sql.id(steady)}
        WHERE ts >= ${warehouse.leaves.timestamp((monday + 47 * day) * 1000)}
          AND ts < ${warehouse.leaves.timestamp((monday + 47 * day + day / 9) * 1000)}
      ) AS saturday_rows
    `
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation: table, time: 'ts' },
      windows: [days(42, 7)],
      now,
      record: false,
      against: { match: ['weekday'] },
    })
    const [window] = result.windows
    const [mondays, saturdays] = [100, 12]
    const shares = [mondays, saturdays].map((rows) => rows / (mondays + saturdays))
    const effective = 1 / shares.reduce((sum, share) => sum + share ** 2 / 400, 0)
    expect(window?.rows).toBe(112)
    expect(window?.reference?.rows).toBe(Math.round(effective))
    expect(columnResult(result, 'x').status).toBe('ok')
    expect(columnResult(result, 'kind').status).toBe('ok')
  })

  it('a season that the reference never saw is named, and the rest is compared', async () => {
    const mondays = await profileReference(warehouse, {
      name: 'workdays',
      relation: sql`
        SELECT * FROM ${sql.id(steady)} WHERE ts < ${warehouse.leaves.timestamp((monday + 5 * day) * 1000)}
      `,
      columns,
      time: 'ts',
      seasons: ['weekday'],
      now,
    })
    const week = await compare(steady, [days(42, 7)], { match: ['weekday'] }, mondays)
    expect(week.status).toBe('ok')
    expect(week.windows[0]?.rows).toBe(500)
    expect(findingsOf(week).map(({ kind, sentence }) => [kind, sentence])).toEqual([
      ['season', 'The reference has no rows of Saturdays; Sundays: 200 of 700 rows are not compared.'],
    ])
    const saturday = await compare(steady, [days(47)], { match: ['weekday'] }, mondays)
    expect(saturday.status).toBe('not_evaluable')
    expect(saturday.exitCode).toBe(3)
    expect(findingsOf(saturday)[0]?.sentence).toContain('100 of 100 rows are not compared')
  })

  it('a profile without these seasons is refused, one with more of them serves', async () => {
    await expect(compare(steady, [days(42)], { match: ['hour'] })).rejects.toMatchObject({
      code: 'REFERENCE_INVALID',
      message: expect.stringContaining('no counts by hour'),
    })
    const fine = await profileReference(warehouse, {
      name: 'fine',
      relation: steady,
      columns,
      time: 'ts',
      seasons: ['hour', 'weekday'],
      zone: 'Europe/Zurich',
      now,
    })
    const kept = profileFromJson(profileToJson(fine))
    expect(kept).toEqual(fine)
    const coarse = await compare(shifted, [days(43)], { match: ['weekday'] }, kept)
    expect(coarse.lookAt).toEqual(['x'])
    const exact = await compare(steady, [days(42, 7)], { match: ['hour', 'weekday'] }, kept)
    expect(exact.status).toBe('ok')
  })

  it('hours of a zone: rows of the same local hour, on both sides of a change of clocks', async () => {
    const hourly = (seed: number, first: string, count: number): Promise<string> =>
      seasonalTable(warehouse, { seed, from: Date.parse(first), days: count, perDay: 24 * 6, week: () => 0 })
    const winter = await hourly(5, '2026-03-01T00:00:00Z', 28)
    const summer = await hourly(6, '2026-03-30T00:00:00Z', 2)
    const local = (table: string) => sql`
      SELECT ts, x + 3 * CASE WHEN ${warehouse.leaves.datePart('hour', warehouse.leaves.toLocal(sql.raw('ts'), 'Europe/Berlin'))} < 6
        THEN 1 ELSE 0 END AS x, kind
      FROM ${sql.id(table)}
    `
    const berlin = await profileReference(warehouse, {
      name: 'hours',
      relation: local(winter),
      columns,
      time: 'ts',
      seasons: ['hour'],
      zone: 'Europe/Berlin',
      now,
    })
    const from = Date.parse('2026-03-30T22:00:00Z')
    const night = { from: new Date(from), to: new Date(from + 6 * 3_600_000) }
    const current = { relation: local(summer), time: 'ts' }
    const run = (against: ReferenceChoice) =>
      runDrift({ warehouse, profile: berlin, current, windows: [night], now, record: false, against })
    expect((await run({})).lookAt).toContain('x')
    expect((await run({ match: ['hour'] })).status).toBe('ok')
  })

  it.runIf(testEngine === 'duckdb')(
    '44: gives the same bytes again, on other threads, with rows shuffled',
    async () => {
      const texts: string[] = []
      for (const [threads, order] of [
        [1, 'ASC'],
        [4, 'ASC'],
        [4, 'DESC'],
      ] as const) {
        await using own = await openDuckDb({ threads })
        const table = await seasonalTable(own, { seed: 7, from: monday, days: 35, perDay: 300, year: 1 })
        const relation = sql`SELECT * FROM ${sql.id(table)} ORDER BY x ${sql.raw(order)}`
        const measured = await profileReference(own, {
          name: 'same',
          relation,
          columns,
          time: 'ts',
          seasons: ['weekday'],
          parts: '3d',
          now,
        })
        for (const against of [
          { match: ['weekday'] },
          { trailing: '14d', match: ['weekday'] },
          { windows: 7, every: '2d' },
        ] as const) {
          const result = await runDrift({
            warehouse: own,
            profile: measured,
            current: { relation, time: 'ts' },
            windows: [days(30, 2), days(32, 2)],
            now,
            record: false,
            against,
          })
          texts.push(toJson({ ...result, sql: [] }))
        }
      }
      expect(new Set(texts).size).toBe(3)
    },
  )

  it('rows without a time are of no hour, not of midnight', async () => {
    const relation = await tableOf(warehouse, {
      ts: {
        type: 'timestamp',
        values: Array.from({ length: 480 }, (_, i) => (i % 2 === 0 ? null : new Date(monday + i * 3_600_000))),
      },
      x: double(Array.from({ length: 480 }, (_, i) => (i % 2 === 0 ? 1000 : i % 7))),
    })
    const timed = await profileReference(warehouse, {
      name: 'timeless',
      relation,
      columns: [{ name: 'x', type: 'double' }],
      time: 'ts',
      seasons: ['hour'],
    })
    const { seasons, rows } = timed.pieces ?? { seasons: [], rows: [] }
    expect(Object.fromEntries(seasons.map((code, at) => [code, rows[at]]))).toMatchObject({ 1: 20, 99: 240 })
    expect(seasons).not.toContain(0)
    expect(seasonWords(99, ['hour'])).toBe('unknown times')
  })
})
