import { sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { scanPresence } from '../../src/count/scan-presence.ts'
import { openSource } from '../../src/count/scan-source.ts'
import {
  profileOfColumns,
  runDrift,
  toMarkdown,
  type DriftResult,
  type Mute,
  type PolicyOptions,
  type ReferenceChoice,
  type TimeWindow,
} from '../../src/index.ts'
import { silenceIn, windowsBefore } from '../../src/monitor/silence.ts'
import { disjoint } from '../../src/reference/open-reference.ts'
import { uniform } from '../random.ts'
import { double, findingsOf, tableOf, text } from '../tables.ts'
import { slowShare, type EntityRow } from './silence-twin.ts'

const HOUR = 3_600_000
const start = Date.parse('2026-01-05T00:00:00Z')
const at = (day: number): Date => new Date(start + day * 24 * HOUR)
const days = (first: number, length = 1): TimeWindow => ({ from: at(first), to: at(first + length) })

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

function table(rows: readonly EntityRow[]): Promise<string> {
  return tableOf(warehouse, {
    ts: { type: 'timestamp', values: rows.map(({ ts }) => new Date(ts)) },
    meter: text(rows.map(({ entity }) => entity)),
    kwh: double(rows.map((_, i) => (i * 7919) % 1000)),
  })
}

/** Readings of meters every two hours for 20 days. */
function readings(meters: number, isThere: (meter: number, day: number, reading: number) => boolean): EntityRow[] {
  return Array.from({ length: meters * 20 * 12 }, (_, i) => {
    const [meter, reading] = [i % meters, Math.floor(i / meters)]
    return { meter, day: Math.floor(reading / 12), reading, ts: start + reading * 2 * HOUR, entity: `m${meter}` }
  }).flatMap(({ meter, day, reading, ts, entity }) => (isThere(meter, day, reading) ? [{ ts, entity }] : []))
}

async function run(
  rows: readonly EntityRow[],
  windows: readonly TimeWindow[],
  more: {
    readonly policy?: PolicyOptions
    readonly against?: ReferenceChoice
    readonly now?: Date
    readonly mutes?: readonly Mute[]
    readonly entity?: readonly string[]
  } = {},
): Promise<DriftResult> {
  return runDrift({
    warehouse,
    profile: profileOfColumns('meters', [{ name: 'kwh', type: 'double' }]),
    current: { relation: await table(rows), time: 'ts', entity: more.entity ?? ['meter'] },
    windows,
    against: more.against ?? { windows: 8 },
    ...(more.policy === undefined ? {} : { policy: more.policy }),
    ...(more.mutes === undefined ? {} : { mutes: more.mutes }),
    now: more.now ?? at(30),
    record: false,
  })
}

const told = (result: DriftResult, kinds: readonly string[] = ['silentEntities', 'volume']) =>
  findingsOf(result).flatMap(({ kind, severity, sentence }) => (kinds.includes(kind) ? [[severity, sentence]] : []))

describe('entities that are silent', () => {
  it.each([1, 2])('are those of a slow twin, seed %i', async (seed) => {
    const draw = uniform(seed)
    const rows = Array.from({ length: 500 }, () => ({
      ts: start + Math.floor(draw() * 20 * 24) * HOUR,
      entity: `m${Math.floor(draw() ** 3 * 60)}`,
    }))
    const relation = await table(rows)
    for (const [window, choice] of [
      [days(19), {}],
      [
        { from: new Date(start + 460 * HOUR), to: new Date(start + 470 * HOUR) },
        { every: '30h', windows: 8 },
      ],
    ] as const) {
      const before = windowsBefore(window, choice)
      const pieces = disjoint([window, ...before])
      const source = openSource(warehouse, { relation, time: 'ts', windows: pieces })
      const presences = await scanPresence(warehouse, { source, time: 'ts', keys: [{ name: 'meter', type: 'text' }] })
      const found = silenceIn(presences, pieces, window, before)
      expect(found?.now.silent).toBeGreaterThan(0)
      expect(found?.now).toEqual(slowShare(rows, window, before.slice(0, 4)))
      const twin = Array.from({ length: 8 }, (_, i) =>
        slowShare(rows, before[i + 3] ?? window, before.slice(i + 4, i + 8)),
      )
      expect(found?.before).toEqual(twin)
    }
  })

  it('are told with how many, and named only if the policy asks for names', async () => {
    const rows = readings(60, (meter, day) => meter % 20 !== 3 || day < 18)
    const sentence = '3 of 60 entities (meter) that had rows shortly before have none: 5 % (0 % in 8 earlier windows)'
    const result = await run(rows, [days(18)])
    expect(told(result)).toEqual([['warn', `${sentence}.`]])
    expect(result.windows[0]?.sentence).toBe(`${sentence}.`)
    expect(toMarkdown(result)).toContain(sentence)
    const named = await run(rows, [days(18)], { policy: { namedEntities: 2 } })
    expect(told(named)).toEqual([['warn', `${sentence}, for example "m23", "m3".`]])
    await expect(run(rows, [days(18)], { policy: { namedEntities: -1 } })).rejects.toMatchObject({
      code: 'POLICY_INVALID',
    })
    expect(
      told(
        await run(
          readings(60, () => true),
          [days(18)],
        ),
      ),
    ).toEqual([])
  })

  it('are a note that says why while they are muted, of whatever column other mutes are', async () => {
    const rows = readings(60, (meter, day) => meter % 5 < 2 || day < 18)
    const terms = { until: '2026-07-01T00:00:00Z', by: 'Ann', reason: 'meters are replaced' }
    const other = await run(rows, [days(18)], { mutes: [{ ...terms, column: 'silentEntities' }] })
    expect(other.severity).toBe('crit')
    const silent = { ...terms, finding: 'silentEntities' } as const
    const note = {
      kind: 'silentEntities',
      severity: 'info',
      sentence: expect.stringMatching(/^36 of 60 .* Muted until 2026-07-01 by Ann: meters are replaced$/),
      muted: { finding: 'silentEntities', by: 'Ann' },
    }
    // What hides the fall in volume is muted: who expects it as well mutes both.
    const muted = await run(rows, [days(18)], { mutes: [silent] })
    expect(muted).toMatchObject({ severity: 'warn', exitCode: 2 })
    expect(findingsOf(muted)).toMatchObject([{ kind: 'volume', severity: 'warn' }, note])
    const both = await run(rows, [days(18)], { mutes: [silent, { ...terms, finding: 'volume' }] })
    expect(both).toMatchObject({
      status: 'ok',
      severity: 'info',
      exitCode: 0,
      sentence: 'No change that matters in 1 column, apart from what is muted.',
    })
    expect(findingsOf(both)).toMatchObject([note, { kind: 'volume', severity: 'info' }])
  })

  it('are not known where a column of the entity is misspelt, which is said', async () => {
    const rows = readings(60, () => true)
    const result = await run(rows, [days(18)], { entity: ['metre'] })
    expect(result).toMatchObject({
      severity: 'warn',
      sentence: expect.stringContaining('Column metre, which should say'),
    })
    expect(findingsOf(await run(rows, [days(18)])).filter(({ kind }) => kind === 'missingColumn')).toEqual([])
  })

  it('explain fewer rows, unless those that stay have fewer as well', async () => {
    const half = await run(
      readings(60, (meter, day) => meter % 5 < 2 || day < 18),
      [days(18)],
    )
    expect(told(half)).toEqual([
      ['crit', '36 of 60 entities (meter) that had rows shortly before have none: 60 % (0 % in 8 earlier windows).'],
    ])
    const thin = await run(
      readings(60, (meter, day, reading) => day < 18 || (meter * 7 + reading * 11) % 40 === 0),
      [days(18)],
    )
    expect(told(thin).map(([, words]) => words)).toEqual([expect.stringMatching(/^97\.\d % fewer rows per hour/)])
  })

  it('are not those of a window that is not over, or whose rows have not all come', async () => {
    const rows = readings(60, (meter, day, reading) => day < 18 || (meter < 40 && reading < 18 * 12 + 2))
    const gone = readings(60, (meter, day) => day < 18 || (day === 18 && meter < 40))
    expect(told(await run(gone, [days(18)]), ['silentEntities'])).toHaveLength(1)
    expect(told(await run(gone, [days(18)], { now: at(18.9) }), ['silentEntities'])).toEqual([])
    expect(told(await run(rows, [days(18)]), ['silentEntities'])).toEqual([])
  })

  it('are missed on weekdays of their own: with weekends that everybody has off, and with other windows in the run', async () => {
    const weeks = Array.from({ length: 17 * 7 }, (_, day) => day).flatMap((day) =>
      Array.from({ length: 40 }, (_, meter) => ({ ts: at(day).getTime() + 8 * HOUR, entity: `m${meter}`, day, meter })),
    )
    const works = weeks.filter(({ day, meter }) => meter < 20 || day % 7 < 5)
    const saturday = days(16 * 7 + 5)
    const against = { windows: 8, every: '7d' } as const
    expect(told(await run(works, [saturday], { against, now: at(130) }))).toEqual([])
    const fewer = works.filter(({ day, meter }) => meter < 5 || meter > 8 || day < 16 * 7)
    const monday = days(16 * 7)
    const result = await run(fewer, [days(15 * 7), monday], { against, now: at(130) })
    const sentences = result.windows.map(({ findings }) =>
      findings.flatMap(({ kind, sentence }) => (kind === 'silentEntities' ? [sentence] : [])),
    )
    expect(sentences).toEqual([
      [],
      ['4 of 40 entities (meter) that had rows shortly before have none: 10 % (0 % in 8 earlier windows).'],
    ])
  })

  it('have several keys, and those of a table of a name with a quote', async () => {
    const rows = readings(60, (meter, day) => meter % 20 !== 3 || day < 18)
    const relation = sql`SELECT ts, kwh, meter AS ${sql.id('a "key"')}, 7 AS ${sql.id('part')} FROM ${sql.id(await table(rows))}`
    const result = await runDrift({
      warehouse,
      profile: profileOfColumns('meters', [{ name: 'kwh', type: 'double' }]),
      current: { relation, time: 'ts', entity: ['a "key"', 'part'] },
      windows: [days(18)],
      against: { windows: 8 },
      policy: { namedEntities: 1 },
      now: at(30),
      record: false,
    })
    expect(told(result).map(([, words]) => words)).toEqual([
      '3 of 60 entities (a "key", part) that had rows shortly before have none: 5 % (0 % in 8 earlier windows), ' +
        'for example "m23" "7".',
    ])
  })
})
