import { sql } from 'kysely'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { shortInstant, toMicros } from '../../src/catalog/instant.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { checkView, type CheckOptions } from '../../src/quality/check-view.ts'
import { findingText } from '../../src/quality/finding.ts'
import type { ScanRange } from '../../src/quality/view-scans.ts'
import { replaceTable } from '../oracle/mart-tables.ts'

// Names that are words of SQL, so that only quoted ones work.
const site = entity('site', { order: z.string(), group: z.int() })
const signal = fact('mart.table', {
  columns: { order: z.string(), group: z.int(), select: z.date() },
  entities: [site],
  eventTime: 'select',
})
const view = featureView('site_signals', {
  of: site,
  from: signal,
  every: '1h',
  features: (f) => ({ n: f.count().over('1d') }),
})

const MINUTE = 60_000_000n
const HOUR = 60n * MINUTE
const start = toMicros('2024-03-30')
interface Event {
  readonly region: string | null
  readonly id: number
  readonly at: bigint | null
}
const at = (region: string, ...hours: readonly number[]): readonly Event[] =>
  hours.map((hour) => ({ region, id: 1, at: start + BigInt(Math.round(hour * 60)) * MINUTE }))

describe('histories', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
    return () => warehouse.close()
  })

  async function check(rows: readonly Event[], range: Partial<ScanRange> = {}, options: CheckOptions = {}) {
    const events = rows.map(({ region, id, at: time }) => ({
      order: region,
      group: id,
      select: time === null ? null : Number(time),
    }))
    await replaceTable(warehouse, 'mart.table', { order: 'text', group: 'bigint', select: 'timestamp' }, events)
    return checkView(warehouse, view, { from: null, to: null, now: start + 1000n * HOUR, ...range }, options)
  }
  const texts = async (...given: Parameters<typeof check>) =>
    (await check(...given)).findings
      .filter((finding) => finding.check === 'gaps' || finding.check === 'silent')
      .map(findingText)

  test.for<[name: string, rows: readonly Event[], range: Partial<ScanRange>, findings: readonly string[]]>([
    ['whole histories', [...at('a', 0, 1, 2, 3), ...at('b', 1, 2, 3)], {}, []],
    ['a night in which a local clock skips an hour', at('a', ...Array.from({ length: 48 }, (_, hour) => hour)), {}, []],
    [
      'one hole of two steps',
      [...at('a', 0, 1, 2, 5, 6), ...at('b', 4, 5, 6)],
      {},
      [
        "warn mart.table: lacks events between an entity's first and last, which mostly come every 1h, in 2 of " +
          '8 steps, for example a 1 between 2024-03-30T02:00Z and 2024-03-30T05:00Z',
      ],
    ],
    [
      'the earliest hole is the example',
      [...at('b', 0, 1, 2, 4, 5, 6), ...at('a', 0, 1, 2, 3, 5, 6)],
      {},
      [
        "warn mart.table: lacks events between an entity's first and last, which mostly come every 1h, in 2 of " +
          '12 steps, for example b 1 between 2024-03-30T02:00Z and 2024-03-30T04:00Z',
      ],
    ],
    [
      'the same instant twice is no distance',
      at('a', 0, 0, 0, 0, 1, 2, 4),
      {},
      [
        "warn mart.table: lacks events between an entity's first and last, which mostly come every 1h, in 1 of " +
          '4 steps, for example a 1 between 2024-03-30T02:00Z and 2024-03-30T04:00Z',
      ],
    ],
    ['a hole outside the range', at('a', 0, 1, 5, 6, 7, 8), { from: start + 5n * HOUR }, []],
    ['a hole beyond the range', at('a', 0, 1, 2, 6), { to: start + 3n * HOUR }, []],
    ['rows of the future', at('a', 0, 1, 2, 90), { now: start + 3n * HOUR }, []],
    [
      'rows of nobody and of no time',
      [...at('a', 0, 1, 2), { region: null, id: 1, at: start + 9n * HOUR }, { region: 'a', id: 1, at: null }],
      {},
      [],
    ],
    ['exactly three steps behind', [...at('a', 0, 1, 2, 3), ...at('b', 0)], {}, []],
    [
      'more than three steps behind',
      [...at('a', 0, 1, 2, 3, 4), ...at('b', 0), ...at('c', 0.5)],
      {},
      [
        'warn mart.table: ended more than 3h before the newest event of the table in 2 of 3 entities, for ' +
          'example b 1, last seen at 2024-03-30',
      ],
    ],
    ['no rows at all', [], {}, []],
  ])('%s', async ([, rows, range, findings]) => {
    expect(await texts(rows, range)).toEqual(findings)
  })

  test('no step that dominates: the check says why it was not made', async () => {
    const { findings, results, scanned } = await check(at('a', 0, 1, 3, 6, 10))
    expect(findings.filter(({ check }) => check === 'gaps')).toEqual([])
    const reason =
      'mart.table: all 5 rows; gaps were not looked for, because the most common distance between events, 1h, is only 25 % of all'
    expect(scanned).toEqual([reason])
    expect(results.find(({ check }) => check === 'gaps')?.scanned).toBe(reason)
  })

  test('events without a step: nothing is said of gaps that nobody looks for', async () => {
    const { findings, results, scanned } = await check(at('a', 0, 1, 3, 6, 10, 15, 21))
    expect(findings.filter(({ check }) => check === 'gaps')).toEqual([])
    expect(scanned).toEqual(['mart.table: all 7 rows'])
    expect(results.find(({ check }) => check === 'gaps')).toMatchObject({
      message: 'has no regular step',
      scanned: 'mart.table: all 7 rows',
    })
  })

  test('severities, staleAfter and redaction hold for them too', async () => {
    const rows = [...at('a', 0, 1, 2, 3, 5), ...at('b', 0)]
    const name = 'mart.table'
    const { findings, known } = await check(
      rows,
      {},
      { severity: { [`${name}.gaps`]: 'error', [`${name}.silent`]: 'off' }, redact: true },
    )
    expect(findings.map(({ check, severity, count, example }) => [check, severity, count, example])).toEqual([
      ['gaps', 'error', 1, null],
      ['freshness', 'warn', 1, expect.any(String)],
    ])
    expect(known).toEqual(expect.arrayContaining([`${name}.gaps`, `${name}.silent`]))
    expect(await texts(rows, {}, { staleAfter: 5, severity: { [`${name}.gaps`]: 'off' } })).toEqual([])
  })

  test('the query of a finding shows the holes and the entities', async () => {
    const { findings } = await check([...at('a', 0, 1, 2, 4, 5, 8), ...at('b', 0)])
    const rows = await Promise.all(
      findings
        .filter(({ query }) => query !== '')
        .map(async ({ check, query }) => [check, (await warehouse.read(sql.raw(query))).rows]),
    )
    expect(rows).toEqual([
      ['gaps', 2],
      ['silent', 1],
    ])
  })

  test('views that read the same rows share the work', async () => {
    await check(at('a', 0, 1))
    const memory: NonNullable<CheckOptions['memory']> = new Map()
    const range = { from: null, to: null, now: start + 2n * HOUR }
    await checkView(warehouse, view, range, { memory })
    const size = memory.size
    await checkView(
      warehouse,
      featureView('others', { of: site, from: signal, every: '1h', features: (f) => ({ m: f.count().over('2d') }) }),
      range,
      { memory },
    )
    expect([size, memory.size]).toEqual([3, 3])
  })

  test('counts and examples are those of a plain computation', async () => {
    const micros = fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0, max: 24 }).map((hour) => start + BigInt(hour) * HOUR) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 0, max: 24 * 60 }).map((minute) => start + BigInt(minute) * MINUTE + 1n),
      },
      { weight: 1, arbitrary: fc.constant(null) },
    )
    const event = fc.record({
      region: fc.constantFrom('a', 'b', "o'c", null),
      id: fc.integer({ min: 1, max: 2 }),
      at: micros,
    })
    const bound = fc.option(fc.integer({ min: 0, max: 24 }).map((hour) => start + BigInt(hour) * HOUR))
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 60 }),
        bound,
        bound,
        fc.integer({ min: 6, max: 26 }),
        async (rows, from, to, hour) => {
          const now = start + BigInt(hour) * HOUR
          const { results } = await check(rows, { from, to, now })
          const found = results
            .filter((result) => result.check === 'gaps' || result.check === 'silent')
            .map(({ count, total, example }) => ({ count, total, example }))
          expect(found).toEqual(
            naive(
              rows.filter(
                (row) =>
                  row.at !== null && (from === null || row.at >= from) && (to === null || row.at < to) && row.at <= now,
              ),
            ),
          )
        },
      ),
      { numRuns: runsOf(60) },
    )
  })
})

/** Gaps and silent entities, by sorting every history; all rows have a time. */
function naive(rows: readonly Event[]) {
  const histories = new Map<string, bigint[]>()
  for (const { region, id, at } of rows)
    if (region !== null && at !== null)
      histories.set(`${region} ${id}`, [...(histories.get(`${region} ${id}`) ?? []), at])
  const times = [...histories]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, all]) => ({ key, all: [...new Set(all)].toSorted((a, b) => Number(a - b)) }))
  const pairs = times.flatMap(({ key, all }) =>
    all.slice(1).map((to, i) => ({ key, from: all[i] ?? 0n, to, distance: Number(to - (all[i] ?? 0n)) })),
  )
  const often = new Map<number, number>()
  for (const { distance } of pairs) often.set(distance, (often.get(distance) ?? 0) + 1)
  const [step, common] = [...often].toSorted(([a, n], [b, m]) => m - n || a - b)[0] ?? [0, 0]
  const holes =
    common * 2 < pairs.length
      ? []
      : pairs.map((pair) => ({ ...pair, steps: Math.round(pair.distance / step) - 1 })).filter(({ steps }) => steps > 0)
  const missing = holes.reduce((sum, { steps }) => sum + steps, 0)
  const hole = holes.toSorted((a, b) => Number(a.from - b.from))[0]
  const ends = times.map(({ key, all }) => ({ key, end: all.at(-1) ?? 0n }))
  const newest = ends.reduce((max, { end }) => (end > max ? end : max), 0n)
  const silent = ends.filter(({ end }) => end < newest - 3n * HOUR).toSorted((a, b) => Number(a.end - b.end))
  return [
    {
      count: missing,
      total: pairs.length === 0 || common * 2 < pairs.length ? 0 : pairs.length + missing,
      example:
        hole === undefined ? null : `${hole.key} between ${shortInstant(hole.from)} and ${shortInstant(hole.to)}`,
    },
    {
      count: silent.length,
      total: ends.length,
      example: silent[0] === undefined ? null : `${silent[0].key}, last seen at ${shortInstant(silent[0].end)}`,
    },
  ]
}
