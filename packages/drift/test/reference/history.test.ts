import { sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { openSource } from '../../src/count/scan-source.ts'
import { scanWindowRows } from '../../src/count/scan-window-rows.ts'
import {
  profileOfColumns,
  profileReference,
  referenceStretches,
  runDrift,
  type DriftResult,
  type PolicyOptions,
  type ReferenceChoice,
  type TimeWindow,
} from '../../src/index.ts'
import { normal } from '../random.ts'
import { columnResult, findingsOf, tableOf } from '../tables.ts'
import { columns, day, days, monday, seasonalTable } from './seasons.ts'

const unmeasured = profileOfColumns('history', columns)
const now = new Date(monday + 450 * day)
let warehouse: Warehouse
/** 63 weeks with a week and a year. */
let years: string
/** The same, with a level that rises in the last week. */
let raised: string
/** Ten weeks without a year, of which the last is higher. */
let weekly: string

async function compare(
  table: string,
  windows: readonly TimeWindow[],
  against: ReferenceChoice,
  policy: PolicyOptions = {},
): Promise<DriftResult> {
  return runDrift({
    warehouse,
    profile: unmeasured,
    current: { relation: table, time: 'ts' },
    windows,
    now,
    record: false,
    against,
    policy,
  })
}

beforeAll(async () => {
  warehouse = await openTestWarehouse()
  const rows = { from: monday, days: 441, perDay: 32, year: 3 }
  years = await seasonalTable(warehouse, { ...rows, seed: 11 })
  weekly = await seasonalTable(warehouse, {
    seed: 13,
    from: monday,
    days: 70,
    perDay: 40,
    shift: { at: monday + 63 * day, by: 1 },
  })
  raised = await seasonalTable(warehouse, { ...rows, seed: 12, shift: { at: monday + 434 * day, by: 3 } })
})
afterAll(() => warehouse.close())

describe('a window compared with earlier rows', () => {
  it('a year ago: the season of the year is no change, a moved level is', async () => {
    const week = days(434, 7)
    const trailing = await compare(years, [week], { trailing: '364d' }, { learnt: 'never' })
    expect(trailing.lookAt).toContain('x')
    const same = await compare(years, [week], { yearAgo: true })
    expect(same.status).toBe('ok')
    expect(same.profile).toMatchObject({
      rows: 224,
      time: { column: 'ts', from: days(70).from.toISOString(), to: days(77).from.toISOString() },
    })
    expect(same.windows[0]?.reference?.sentence).toBe(
      'Compared with the window 364 days ago (the same weekdays): 224 rows; floors learnt from 9 reference windows.',
    )
    const moved = await compare(raised, [week], { yearAgo: true })
    expect(moved.status).toBe('warn')
    expect(moved.lookAt).toEqual(['x'])
    const [first] = (await compare(years, [days(364, 7)], { yearAgo: true })).windows
    expect(first?.reference?.sentence).toBe(
      'Compared with the window 364 days ago (the same weekdays): 224 rows. ' +
        'It is one window, so how much such windows usually differ is not known.',
    )
  })

  it('a year ago, how alike rows are is shown by its own windows, not by what else the run compares', async () => {
    const week = days(434, 7)
    const judged = async (windows: readonly TimeWindow[], entity?: readonly string[]) => {
      const result = await runDrift({
        warehouse,
        profile: unmeasured,
        current: { relation: raised, time: 'ts', ...(entity === undefined ? {} : { entity }) },
        windows,
        now,
        record: false,
        against: { yearAgo: true },
      })
      const { columns } = result.windows.at(-1) ?? { columns: [] }
      return columns.map(({ name, status, effective }) => ({ name, status, effective }))
    }
    const many = Array.from({ length: 8 }, (_, i) => days(434 - 7 * (7 - i), 7))
    const alone = await judged([week])
    expect(alone.find(({ name }) => name === 'x')?.status).toBe('warn')
    expect(await judged([week], [])).toEqual(alone)
    expect((await judged(many, [])).map(({ name, status }) => [name, status])).toEqual(
      alone.map(({ name, status }) => [name, status]),
    )
  })

  it('earlier rows of one entity are as alike as those of the window, without a stored profile', async () => {
    const draw = normal(21)
    const levels = Array.from({ length: 40 }, () => 3 * draw())
    const rows = Array.from({ length: 28 * 40 }, (_, i) => ({ day: Math.floor(i / 40), who: i % 40 }))
    const table = await tableOf(warehouse, {
      ts: { type: 'timestamp', values: rows.map((row) => new Date(monday + row.day * day)) },
      who: { type: 'integer', values: rows.map((row) => row.who) },
      x: { type: 'double', values: rows.map((row) => (levels[row.who] ?? 0) + draw()) },
    })
    const result = await runDrift({
      warehouse,
      profile: profileOfColumns('history', [{ name: 'x', type: 'double' }]),
      current: { relation: table, time: 'ts', entity: ['who'] },
      windows: [days(21, 7)],
      now,
      record: false,
      against: { trailing: '21d' },
    })
    const { effective } = columnResult(result, 'x')
    expect(effective?.current).toBeLessThan(280 / 2)
    expect(effective?.reference).toBeLessThan(840 / 2)
  })

  it('a year ago by weekday and by date differ by a day or two', async () => {
    const saturday = days(439)
    const weekdays = await compare(years, [saturday], { yearAgo: true })
    expect(weekdays.status).toBe('ok')
    const date = await compare(years, [saturday], { yearAgo: 'date' })
    expect(date.windows[0]?.reference?.from).toBe('2026-03-20T00:00:00.000Z')
    expect(saturday.from.toISOString()).toBe('2027-03-20T00:00:00.000Z')
    expect(date.lookAt).toContain('kind')
    const leap = referenceStretches({ yearAgo: 'date' }, [
      { from: new Date('2028-02-29T00:00:00Z'), to: new Date('2028-03-01T00:00:00Z') },
    ])
    expect(leap).toEqual([])
  })

  it('a year ago with the windows around it, none of which reaches into the window itself', () => {
    const week = days(434, 7)
    const found = referenceStretches({ yearAgo: true, around: 3 }, [week])
    const weeks = (at: number) => ({ from: days(70 + at * 7).from, to: days(77 + at * 7).from })
    expect(found).toEqual([-3, -2, -1, 0, 1, 2, 3].map(weeks))
    expect(referenceStretches({ yearAgo: true }, [week])).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4].map(weeks))
    const day = (at: number) => ({ from: days(70 + at * 7).from, to: days(71 + at * 7).from })
    expect(referenceStretches({ yearAgo: true }, [days(434)])).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4].map(day))
    expect(referenceStretches({ yearAgo: true, around: 60 }, [week]).at(-1)?.to).toEqual(week.from)
    expect(() => referenceStretches({ yearAgo: true, around: -1 }, [week])).toThrow('around is -1')
    const hour = { from: week.from, to: new Date(week.from.getTime() + 3_600_000) }
    expect(referenceStretches({ trailing: '9999h' }, [hour])).toHaveLength(9999)
    for (const [many, says] of [
      [{ trailing: '10001h' }, 'trailing 10001h is 10,001 windows'],
      [{ windows: 10_001 }, 'windows 10001 is'],
      [{ yearAgo: true, around: 5001 }, 'around 5001 is 10,002 windows'],
    ] as const)
      expect(() => referenceStretches(many, [hour])).toThrow(says)
  })

  it('29 February alone has no same date a year ago, which is said', async () => {
    const leapDay = { from: new Date('2028-02-29T00:00:00Z'), to: new Date('2028-03-01T00:00:00Z') }
    await expect(compare(years, [leapDay], { yearAgo: 'date' })).rejects.toMatchObject({
      code: 'REFERENCE_EMPTY',
      message: 'There is nothing to compare with: the same dates a year ago, when February had 28 days.',
    })
    const result = await compare(years, [days(439), leapDay], { yearAgo: 'date' })
    expect(result.windows.map(({ status }) => status)).toEqual(['drift', 'late'])
    expect(result.windows[1]?.reference?.sentence).toBe(
      'Compared with the same dates a year ago, when February had 28 days: 0 rows.',
    )
  })

  it('trailing: several windows have references of their own, in one scan', async () => {
    const windows = [days(42, 7), days(49, 7), days(56, 7), days(63, 7)]
    const result = await compare(weekly, windows, { trailing: '28d' })
    expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'drift'])
    expect(result.windows.map(({ reference }) => [reference?.from, reference?.to, reference?.rows])).toEqual(
      windows.map(({ from }) => [new Date(from.getTime() - 28 * day).toISOString(), from.toISOString(), 28 * 40]),
    )
    for (const [index, window] of windows.entries()) {
      const alone = await compare(weekly, [window], { trailing: '28d' })
      expect(alone.windows[0]?.rows).toBe(result.windows[index]?.rows)
      expect(alone.status).toBe(result.windows[index]?.status)
    }
  })

  it('counts more stretches by season than 32 bits have millions', async () => {
    const windows = Array.from({ length: 2200 }, (_, i) => ({
      from: new Date(monday + i * 60_000),
      to: new Date(monday + (i + 1) * 60_000),
    }))
    const source = openSource(warehouse, {
      relation: weekly,
      time: 'ts',
      windows,
      divided: { number: sql`7`, codes: [7] },
    })
    const counted = await scanWindowRows(warehouse, source, [])
    // A row every 36 minutes, the last of them in minute 2196.
    expect(counted.flatMap(({ rows }, minute) => (rows > 0 ? [minute] : []))).toEqual(
      Array.from({ length: 62 }, (_, i) => 36 * i),
    )
  })

  it('a trailing reference of the same weekday', async () => {
    const saturday = days(61)
    expect((await compare(weekly, [saturday], { trailing: '28d' }, { learnt: 'never' })).lookAt).toContain('x')
    const matched = await compare(weekly, [saturday], { trailing: '28d', match: ['weekday'] })
    expect(matched.status).toBe('ok')
    expect(matched.windows[0]?.reference?.rows).toBe(4 * 40)
    const moved = await compare(weekly, [days(68)], { trailing: '28d', match: ['weekday'] })
    expect(moved.lookAt).toEqual(['x'])
  })

  it('the reference of earlier windows has the counts of a profile of the same rows', async () => {
    const window = days(434, 7)
    const result = await compare(raised, [window], { windows: 3, every: '7d' })
    const instant = (at: Date) => warehouse.leaves.timestamp(at.getTime() * 1000)
    const profile = await profileReference(warehouse, {
      name: 'three weeks',
      relation: sql`
        SELECT * FROM ${sql.id(raised)} WHERE ts >= ${instant(days(413).from)} AND ts < ${instant(window.from)}
      `,
      columns,
      time: 'ts',
      now,
    })
    const plain = await runDrift({
      warehouse,
      profile,
      current: { relation: raised, time: 'ts' },
      windows: [window],
      now,
      record: false,
    })
    expect(result.columns).toEqual(plain.columns)
    const metrics = (from: DriftResult) =>
      columnResult(from, 'x')
        .metrics.filter(({ metric }) => metric === 'psi' || metric === 'ks')
        .map(({ metric, value, p }) => ({ metric, value, p }))
    expect(metrics(result)).toEqual(metrics(plain))
    const distance = (from: DriftResult) =>
      columnResult(from, 'x').metrics.find(({ metric }) => metric === 'wassersteinRobust')?.value ?? Number.NaN
    expect(distance(result) / distance(plain)).toBeCloseTo(1, 2)
  })

  it('without earlier rows a window is not evaluable, and says why', async () => {
    const result = await compare(years, [days(0, 7), days(7, 7)], { windows: 1 })
    expect(result.windows.map(({ status }) => status)).toEqual(['not_evaluable', 'ok'])
    const [first] = result.windows
    expect(first?.findings.map(({ kind, sentence }) => [kind, sentence])).toEqual([
      ['reference', 'There are no rows to compare with: the window before it.'],
    ])
    await expect(compare(years, [days(0, 7)], { trailing: '28d' })).rejects.toMatchObject({
      code: 'REFERENCE_EMPTY',
      message: expect.stringMatching(
        /^There is nothing to compare with: history has no rows .* \(the 28d before it: \d{4}-\d\d-\d\d 00:00 to .* UTC\)/,
      ),
    })
  })

  it('rows per hour are those of the reference windows', async () => {
    const table = sql`SELECT * FROM ${sql.id(years)}`
    const morning = sql`
      SELECT * FROM (${table}) AS all_rows
      WHERE ts < ${warehouse.leaves.timestamp(days(434).from.getTime() * 1000)}
        OR ${warehouse.leaves.datePart('hour', sql.raw('ts'))} < 9
    `
    const result = await runDrift({
      warehouse,
      profile: unmeasured,
      current: { relation: morning, time: 'ts' },
      windows: [days(434)],
      now,
      record: false,
      against: { windows: 8, every: '7d' },
    })
    expect(findingsOf(result).map(({ kind, sentence }) => [kind, sentence])).toEqual([
      [
        'gap',
        'ts: no rows from 2027-03-15 08:15 to 2027-03-16 00:00 UTC (15.8 h); the longest gap of the reference was 45 min.',
      ],
      ['volume', '62.5 % fewer rows per hour than in the reference (0.5 against 1.33).'],
    ])
  })

  it('a column that is missing, and one that became another type, are findings as with a profile', async () => {
    const result = await runDrift({
      warehouse,
      profile: profileOfColumns('history', [
        ...columns,
        { name: 'gone', type: 'double' },
        { name: 'ts', type: 'text' },
      ]),
      current: { relation: years, time: 'ts' },
      windows: [days(434, 7)],
      now,
      record: false,
      against: { yearAgo: true },
    })
    expect(findingsOf(result).map(({ kind, column }) => [kind, column])).toEqual([
      ['missingColumn', 'gone'],
      ['typeChange', 'ts'],
      ['dependentRows', null],
    ])
    expect(columnResult(result, 'x').status).toBe('ok')
  })

  it('refuses lengths that it cannot read, overlapping windows, and rows without windows', async () => {
    const refused = async (against: ReferenceChoice, says: string, windows = [days(434, 7)]): Promise<void> =>
      expect(compare(years, windows, against)).rejects.toMatchObject({
        code: 'REFERENCE_INVALID',
        message: expect.stringContaining(says),
      })
    await refused({ trailing: '28 days' }, '"28 days"')
    await refused({ windows: 8, every: '1d' }, 'overlap')
    await refused({ windows: 0 }, 'at least 1')
    await refused({ trailing: '28d' }, 'without windows', [])
  })
})
