import { sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  profileFromJson,
  profileOfColumns,
  profileReference,
  profileToJson,
  runDrift,
  toMarkdown,
  type DriftResult,
  type ReferenceChoice,
  type ReferenceProfile,
  type TimeWindow,
} from '../../src/index.ts'
import { uniform } from '../random.ts'
import { double, findingsOf, tableOf, text } from '../tables.ts'

const HOUR = 3_600_000
const start = Date.parse('2026-01-05T00:00:00Z')
const now = new Date('2026-06-01T00:00:00Z')
const at = (day: number): Date => new Date(start + day * 24 * HOUR)
const days = (first: number, length = 1): TimeWindow => ({ from: at(first), to: at(first + length) })

interface Row {
  readonly ts: number | null
  readonly meter: string
}

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(async () => {
  await warehouse.close()
})

function table(rows: readonly Row[]): Promise<string> {
  return tableOf(warehouse, {
    ts: { type: 'timestamp', values: rows.map(({ ts }) => (ts === null ? null : new Date(ts))) },
    meter: text(rows.map(({ meter }) => meter)),
    kwh: double(rows.map((_, i) => (i * 7919) % 1000)),
  })
}

const columns = [{ name: 'kwh', type: 'double' }] as const

async function profileOf(rows: readonly Row[]): Promise<ReferenceProfile> {
  const relation = await table(rows)
  return profileReference(warehouse, { name: 'meters', relation, columns, time: 'ts', entity: ['meter'], now })
}

async function run(
  profile: ReferenceProfile,
  rows: readonly Row[],
  windows: readonly TimeWindow[],
  more: { readonly against?: ReferenceChoice; readonly muted?: boolean } = {},
): Promise<DriftResult> {
  const { against, muted = false } = more
  return runDrift({
    warehouse,
    profile,
    current: { relation: await table(rows), time: 'ts', entity: ['meter'] },
    windows,
    mutes: muted ? [{ column: 'ts', until: '2026-07-01', by: 'Ann', reason: 'known' }] : [],
    ...(against === undefined ? {} : { against }),
    now,
    record: false,
  })
}

const toldGaps = (result: DriftResult): readonly (readonly [string, string])[] =>
  findingsOf(result).flatMap(({ kind, severity, sentence }) => (kind === 'gap' ? [[severity, sentence] as const] : []))

/** Readings of meters every 30 minutes. */
function readings(first: number, length: number, meters = 1): Row[] {
  return Array.from({ length: length * 48 * meters }, (_, i) => ({
    ts: start + first * 24 * HOUR + (Math.floor(i / meters) * HOUR) / 2,
    meter: `m${i % meters}`,
  }))
}

const without = (rows: readonly Row[], from: string, to: string, meter?: string): Row[] =>
  rows.filter(
    ({ ts, meter: own }) =>
      ts === null || ts <= Date.parse(from) || ts >= Date.parse(to) || (meter !== undefined && own !== meter),
  )

describe('gaps between the times of rows', () => {
  it.each([1, 2])('are as a slow twin finds them, seed %i', async (seed) => {
    const draw = uniform(seed)
    const rows = Array.from({ length: 300 }, (): Row => {
      const ts = start + Math.floor(draw() ** 2 * 400) * HOUR
      return { ts: draw() < 0.05 ? null : ts, meter: `m${Math.floor(draw() * 5)}` }
    })
    const steps = (times: readonly (number | null)[]): (readonly [number, number])[] => {
      const distinct = [...new Set(times)].flatMap((time) => time ?? []).toSorted((a, b) => a - b)
      return distinct.slice(1).map((to, i) => [distinct[i] ?? 0, to] as const)
    }
    const twin = (gaps: readonly (readonly [number, number])[]): object => {
      const longest = gaps.reduce(
        (most, gap) =>
          gap[1] - gap[0] > most[1] - most[0] || (gap[1] - gap[0] === most[1] - most[0] && gap[0] < most[0])
            ? gap
            : most,
        gaps[0] ?? [0, 0],
      )
      const [from, to] = longest.map((time) => new Date(time).toISOString())
      const hours = gaps.reduce((sum, [before, after]) => sum + (after - before) / HOUR, 0)
      return { count: gaps.length, hours, longest: { from, to } }
    }
    const { gaps } = await profileOf(rows)
    const meters = [...new Set(rows.map(({ meter }) => meter))]
    expect(gaps).toEqual({
      all: twin(steps(rows.map(({ ts }) => ts))),
      entity: {
        ...twin(meters.flatMap((one) => steps(rows.flatMap(({ ts, meter }) => (meter === one ? [ts] : []))))),
        keys: ['meter'],
      },
    })
  })

  it('are told with their place, reported, and muted with the time column', async () => {
    const profile = await profileOf(readings(0, 28, 3))
    const rows = readings(28, 7, 3)
    expect(toldGaps(await run(profile, rows, [days(28, 7)]))).toEqual([])
    const hole = without(rows, '2026-02-03T04:00:00Z', '2026-02-04T11:00:00Z')
    const result = await run(profile, hole, [days(28, 7)])
    const sentence =
      'ts: no rows from 2026-02-03 04:00 to 2026-02-04 11:00 UTC (31 h); the longest gap of the reference was 30 min.'
    expect(toldGaps(result)).toEqual([['crit', sentence]])
    expect(result.windows[0]?.status).toBe('drift')
    expect(toMarkdown(result)).toContain(sentence)
    const muted = `${sentence} Muted until 2026-07-01 by Ann: known`
    expect(toldGaps(await run(profile, hole, [days(28, 7)], { muted: true }))).toEqual([['info', muted]])
    const fromJson = await run(profileFromJson(profileToJson(profile)), hole, [days(28, 7)])
    expect(toldGaps(fromJson)).toEqual([['crit', sentence]])
    const { gaps: _, ...old } = profile
    expect(toldGaps(await run(old, hole, [days(28, 7)]))).toEqual([])
  })

  it('are found of one entity while others go on', async () => {
    const profile = await profileOf(readings(0, 28, 5))
    const hole = without(readings(28, 1, 5), '2026-02-02T04:00:00Z', '2026-02-02T11:30:00Z', 'm3')
    expect(toldGaps(await run(profile, hole, [days(28)]))).toEqual([
      [
        'crit',
        'ts: no rows of one meter from 2026-02-02 04:00 to 2026-02-02 11:30 UTC (7.5 h); ' +
          'the longest gap of any in the reference was 30 min.',
      ],
    ])
  })

  it('begin and end with the window, and do not count what has not come yet', async () => {
    const profile = await profileOf(readings(0, 28))
    const rows = without(readings(28, 2), '2026-02-02T20:00:00Z', '2026-02-03T05:00:00Z')
    const result = await run(profile, rows, [days(28), days(29)])
    expect(result.windows.map(({ findings }) => findings.find(({ kind }) => kind === 'gap')?.sentence)).toEqual([
      'ts: no rows from 2026-02-02 20:00 to 2026-02-03 00:00 UTC (4 h); the longest gap of the reference was 30 min.',
      'ts: no rows from 2026-02-03 00:00 to 2026-02-03 05:00 UTC (5 h); the longest gap of the reference was 30 min.',
    ])
    const filling = readings(28, 1).filter(({ ts }) => (ts ?? 0) < at(28).getTime() + 15 * HOUR)
    expect(toldGaps(await run(profile, filling, [days(28)]))).toEqual([])
  })

  it('are compared with the gaps of earlier windows, whose nights are none of their own', async () => {
    const open = (rows: readonly Row[]): Row[] =>
      rows.filter(({ ts }) => {
        const hour = new Date(ts ?? 0).getUTCHours()
        return hour >= 6 && hour < 22
      })
    const none = profileOfColumns('meters', columns)
    const compare = (rows: readonly Row[], against: ReferenceChoice): Promise<DriftResult> =>
      run(none, rows, [days(28), days(29)], { against })
    for (const against of [{ trailing: '28d' }, { windows: 8, every: '2d' }] as const)
      expect(toldGaps(await compare(open(readings(0, 30)), against))).toEqual([])
    const hole = without(readings(0, 30), '2026-02-03T04:00:00Z', '2026-02-03T21:00:00Z')
    expect(toldGaps(await compare(hole, { trailing: '28d' }))).toEqual([
      [
        'crit',
        'ts: no rows from 2026-02-03 04:00 to 2026-02-03 21:00 UTC (17 h); the longest gap of the reference was 30 min.',
      ],
    ])
  })

  it('show weekends that are gone', async () => {
    const profile = await profileOf(readings(0, 84))
    const rows = readings(84, 14).filter(({ ts }) => ![0, 6].includes(new Date(ts ?? 0).getUTCDay()))
    expect(toldGaps(await run(profile, rows, [days(84, 14)]))).toEqual([
      [
        'crit',
        'ts: no rows from 2026-04-03 23:30 to 2026-04-06 00:00 UTC (2.02 days); the longest gap of the reference was 30 min.',
      ],
    ])
  })

  it('are not those of a row of another century', async () => {
    const relation = await table([...readings(0, 28), { ts: Date.parse('2926-01-01T00:00:00Z'), meter: 'm0' }])
    const profile = await profileReference(warehouse, { name: 'meters', relation, columns, time: 'ts', now })
    expect(profile.gaps?.all?.longest).toEqual({ from: '2026-01-05T00:00:00.000Z', to: '2026-01-05T00:30:00.000Z' })
    const own = sql`SELECT ts, kwh FROM ${sql.id(relation)}`
    const whole = await runDrift({ warehouse, profile, current: { relation: own }, now, record: false })
    expect(toldGaps(whole)).toEqual([])
  })
})
