import process from 'node:process'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  entity,
  everyGrid,
  fact,
  featureService,
  featureView,
  happens,
  label,
  onDemand,
  request,
  type AggregateBuilder,
  type AnyLabel,
  type RowOf,
  type SplitOptions,
  type TrainingSetOptions,
} from '../../src/index.ts'
import { replaceTable, rowsOf, tableBatch } from '../oracle/mart-tables.ts'
import { refusal } from '../read/training-marts.ts'

const HOUR = 3_600_000_000
const START = Date.UTC(2024, 2, 29) * 1000
const at = (hour: number): Date => new Date((START + hour * HOUR) / 1000)

const site = entity('site', { site: z.string() })
const columns = { site: z.string(), ts: z.date(), x: z.number() }
type EventRow = RowOf<typeof columns>
const events = fact('mart.split_events', {
  columns,
  entities: [site],
  eventTime: 'ts',
})
const seen = featureView('seen', {
  of: site,
  from: events,
  every: '1h',
  features: (f) => ({ n: f.count().lifetime() }),
})
const doubled = onDemand('doubled', {
  of: [seen],
  request: request({ i: z.int() }),
  version: '1',
  output: { i: z.int() },
  compute: ({ request: { i } }) => ({ i: i * 2 }),
})
const service = featureService('split', [seen, doubled])

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  await replaceTable(
    warehouse,
    'mart.split_events',
    { site: 'text', ts: 'timestamp', x: 'double' },
    Array.from({ length: 12 * 24 }, (_, hour) => ({ site: 'a', ts: START + hour * HOUR, x: 1 })),
  )
})
afterAll(() => warehouse.close())

/** A row of 'a' at each of these hours, numbered in `i`. */
const spineOf = (hours: readonly number[]) => ({
  rows: tableBatch(
    hours.map((hour, i) => ({ site: 'a', at: START + hour * HOUR, i })),
    { site: 'text', at: 'timestamp', i: 'bigint' },
  ),
})
const build = (hours: readonly number[], split: SplitOptions, options: Partial<TrainingSetOptions> = {}) =>
  buildTrainingSet({
    warehouse,
    service,
    spine: spineOf(hours),
    time: 'at',
    split,
    asOf: at(30 * 24),
    into: 'training.split',
    ...options,
  })

const ahead = fc.record({
  gap: fc.constantFrom(0, 1, 5),
  length: fc.constantFrom(1, 6),
  steps: fc.constantFrom(1, 3),
})
const asked = fc.record({
  hours: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 }),
  labels: fc.array(ahead, { minLength: 0, maxLength: 2 }),
  first: fc.integer({ min: 1, max: 40 }),
  between: fc.option(fc.integer({ min: 1, max: 30 })),
  embargo: fc.constantFrom(0, 1, 4),
})

test('keeps the rows that brute force keeps, in the parts that it says', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(asked, async ({ hours, labels, first, between, embargo }) => {
      const borders = between === null ? [first] : [first, first + between]
      const parts = between === null ? ['train', 'test'] : ['train', 'validation', 'test']
      const split: SplitOptions = {
        at: between === null ? [at(first)] : [at(first), at(first + between)],
        embargo: `${embargo}h`,
      }
      const kept: [number, string][] = []
      const left = { purged: 0, embargoed: 0 }
      for (const [i, hour] of hours.entries()) {
        const reaches = labels.flatMap(({ gap, length, steps }) =>
          Array.from({ length: steps }, (_, step) => hour + gap + (step + 1) * length),
        )
        const crosses = borders.some((border) => hour < border && reaches.some((end) => end > border))
        const follows = borders.some((border) => hour >= border && hour - border < embargo)
        if (crosses) left.purged++
        else if (follows) left.embargoed++
        else kept.push([i, parts[borders.filter((border) => hour >= border).length] ?? ''])
      }
      const rows = Object.fromEntries(parts.map((part) => [part, kept.filter(([, of]) => of === part).length]))
      const made = labels.map(({ gap, length, steps }, i): AnyLabel => {
        const outcome = (f: AggregateBuilder<EventRow>) => f.count().ahead(`${length}h`, { gap: `${gap}h` })
        return steps === 1
          ? label(`l${i}`, { of: site, from: events, value: outcome })
          : label(`l${i}`, { of: site, from: events, value: (f) => outcome(f).steps(3) })
      })
      const built = build(hours, split, { labels: made })
      if (Object.values(rows).includes(0)) {
        expect(await refusal(built)).toMatchObject({ code: 'BAD_SPLIT', data: { rows, ...left } })
        return
      }
      const set = await built
      const found = rowsOf(await set.read())
      expect(found.map((row) => [row['i'], row['split']])).toEqual(kept)
      // Rows are numbered anew, so that what follows them, functions above all, misses none.
      expect(found.map((row) => row['spine_row'])).toEqual(kept.map((_, i) => i))
      expect(found.map((row) => row['doubled__i'])).toEqual(kept.map(([i]) => 2 * i))
      expect(set.manifest.split).toMatchObject({ rows, ...left })
      expect([set.rows, set.manifest.rows]).toEqual([kept.length, kept.length])
    }),
    { numRuns: runsOf(100), endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
  )
})

describe('a split', () => {
  const soon = label('soon', { of: site, value: happens(events).within('2h', { gap: '1h' }) })
  const hours = [1, 6, 7, 8, 9, 10, 11, 12, 13]

  test('purges by the longest label, and keeps windows that end at the border', async () => {
    const set = await build(hours, { at: ['2024-03-29T10:00'] }, { labels: [soon] })
    // [t + 1h, t + 3h) of 7 o'clock ends at 10.
    expect(rowsOf(await set.read()).map((row) => [row['i'], row['split'], row['soon']])).toEqual([
      [0, 'train', true],
      [1, 'train', true],
      [2, 'train', true],
      [5, 'test', true],
      [6, 'test', true],
      [7, 'test', true],
      [8, 'test', true],
    ])
    expect(set.manifest.split).toEqual({
      at: ['2024-03-29T10:00:00.000Z'],
      horizon: '3h',
      embargo: '0s',
      rows: { train: 3, test: 4 },
      purged: 2,
      embargoed: 0,
    })
    expect(set.features).toEqual(['seen__n', 'doubled__i'])
  })

  test("reads its borders by the spine's clock", async () => {
    const spine = everyGrid({
      of: seen,
      every: '1h',
      zone: 'Europe/Zurich',
      from: '2024-03-30',
      to: '2024-03-31T12:00',
    })
    const set = await build(
      [],
      { at: ['2024-03-31', '2024-03-31T03:00'] },
      {
        spine,
        service: featureService('grid', [seen]),
      },
    )
    // The hour from 2 to 3 is skipped.
    expect(set.manifest.split).toMatchObject({
      at: ['2024-03-30T23:00:00.000Z', '2024-03-31T01:00:00.000Z'],
      rows: { train: 24, validation: 2, test: 9 },
      purged: 0,
    })
  })

  test.each<readonly [string, unknown, string, string]>([
    ['without a border', { at: [] }, 'BAD_SPLIT', 'A split has one border (train, test) or two'],
    ['with three', { at: [at(1), at(2), at(3)] }, 'BAD_SPLIT', 'A split has one border'],
    [
      'whose borders are swapped',
      { at: [at(9), at(8)] },
      'BAD_SPLIT',
      'is not before 2024-03-29T08:00:00.000Z. Swap them.',
    ],
    ['whose borders are equal', { at: [at(9), at(9)] }, 'BAD_SPLIT', 'are in order'],
    ['at what is no time', { at: ['soon'] }, 'INVALID_INSTANT', 'border 1 of the split "soon" is not a point in time'],
    ['with an embargo that is none', { at: [at(9)], embargo: '1 day' }, 'INVALID_DEFINITION', "embargo '1 day'"],
    [
      'that leaves a part without rows',
      { at: [at(2), at(9)], embargo: '1d' },
      'BAD_SPLIT',
      'leaves no rows for train, validation and test (3 were left out because a label reaches 3h ahead, across a border',
    ],
  ])('%s is refused', async (_, split, code, message) => {
    const refused = await refusal(build(hours, split as SplitOptions, { labels: [soon] }))
    expect(refused).toMatchObject({ code })
    expect(refused.message).toContain(message)
  })

  test('refuses a spine, a feature and a label with its name', async () => {
    const named = tableBatch([{ site: 'a', at: START, i: 1, SPLIT: 'x' }], {
      site: 'text',
      at: 'timestamp',
      i: 'bigint',
      SPLIT: 'text',
    })
    expect((await refusal(build([], { at: [at(9)] }, { spine: { rows: named } }))).message).toContain(
      'which is what the split calls its own. Rename it.',
    )
    const same = label('split', { of: site, value: happens(events).within('1h') })
    expect(await refusal(build(hours, { at: ['2024-03-29T10:00'] }, { labels: [same] }))).toMatchObject({
      code: 'NAME_CLASH',
    })
  })
})
