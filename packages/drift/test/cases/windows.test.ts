import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import { mergeNumbers } from '../../src/count/binned-column.ts'
import { scanNumbers } from '../../src/count/scan-numbers.ts'
import { openSource } from '../../src/count/scan-source.ts'
import { profileReference, runDrift, toHtml, toJson, type TimeWindow } from '../../src/index.ts'
import { tableOf } from '../tables.ts'
import { normal, sample } from '../random.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const hour = 3_600_000
const now = new Date('2026-02-01T00:00:00Z')
const at = (iso: string): Date => new Date(iso)
const columns = [{ name: 'x', type: 'double' as const }]

describe('cases 41 to 44: windows of time', () => {
  it('41: windows are half-open: a row on an edge counts once, a day of 23 hours has its rows', async () => {
    // Europe/Berlin, 2026-03-29: from 23:00 UTC the day before to 22:00 UTC
    const windows: TimeWindow[] = [
      { from: at('2026-03-27T23:00:00Z'), to: at('2026-03-28T23:00:00Z') },
      { from: at('2026-03-28T23:00:00Z'), to: at('2026-03-29T22:00:00Z') },
      { from: at('2026-03-29T22:00:00Z'), to: at('2026-03-30T22:00:00Z') },
    ]
    const times = Array.from({ length: 24 * 4 }, (_, i) => new Date(Date.parse('2026-03-27T00:00:00Z') + i * hour))
    const table = await tableOf(warehouse, {
      ts: { type: 'timestamp', values: times },
      x: { type: 'double', values: times.map((_, i) => i) },
    })
    const profile = await profileReference(warehouse, { name: 'hours', relation: table, columns, time: 'ts', now })
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation: table, time: 'ts' },
      windows,
      now,
      record: false,
      policy: { minimumRows: 1 },
    })
    expect(result.windows.map(({ rows }) => rows)).toEqual([24, 23, 24])
  })

  it('41: overlapping windows and windows without a time column are refused', async () => {
    const table = await tableOf(warehouse, {
      ts: { type: 'timestamp', values: [now] },
      x: { type: 'double', values: [1] },
    })
    const profile = await profileReference(warehouse, { name: 'one', relation: table, columns, now })
    const windows = [
      { from: at('2026-01-01'), to: at('2026-01-03') },
      { from: at('2026-01-02'), to: at('2026-01-04') },
    ]
    await expect(
      runDrift({ warehouse, profile, current: { relation: table, time: 'ts' }, windows, now }),
    ).rejects.toMatchObject({ code: 'WINDOWS_INVALID' })
    await expect(
      runDrift({ warehouse, profile, current: { relation: table }, windows: windows.slice(0, 1), now }),
    ).rejects.toMatchObject({ code: 'TIME_COLUMN_MISSING' })
    await expect(
      runDrift({ warehouse, profile, current: { relation: table, time: 'when' }, now }),
    ).rejects.toMatchObject({ code: 'TIME_COLUMN_MISSING', message: expect.stringContaining('when') })
    await expect(
      runDrift({ warehouse, profile, current: { relation: table, time: 'tss' }, now }),
    ).rejects.toMatchObject({ message: expect.stringContaining('no column tss, but ts, that says when') })
  })

  it('42: a weekly season alerts against another weekday and not against the same one', async () => {
    const draw = normal(42)
    const monday = Date.parse('2026-01-05T00:00:00Z')
    const rows = Array.from({ length: 14 * 200 }, (_, i) => ({
      ts: new Date(monday + Math.floor(i / 200) * 24 * hour + (i % 200) * 60_000),
      day: Math.floor(i / 200) % 7,
    }))
    const table = await tableOf(warehouse, {
      ts: { type: 'timestamp', values: rows.map(({ ts }) => ts) },
      x: { type: 'double', values: rows.map(({ day }) => draw() + (day >= 5 ? 2 : 0)) },
    })
    const dayOf = (index: number): TimeWindow => ({
      from: new Date(monday + index * 24 * hour),
      to: new Date(monday + (index + 1) * 24 * hour),
    })
    const against = async (reference: TimeWindow): Promise<number> => {
      const relation = sql`SELECT * FROM ${sql.table(table)} WHERE ts >= ${reference.from} AND ts < ${reference.to}`
      const profile = await profileReference(warehouse, { name: 'season', relation, columns, now })
      return (
        await runDrift({
          warehouse,
          profile,
          current: { relation: table, time: 'ts' },
          windows: [dayOf(12)],
          now,
          record: false,
        })
      ).exitCode
    }
    expect(await against({ from: dayOf(0).from, to: dayOf(4).to })).toBe(1)
    expect(await against(dayOf(5))).toBe(0)
  })

  it('43: 24 hourly histograms add up to the daily one', async () => {
    const values = sample(2400, normal(43))
    const table = await tableOf(warehouse, {
      ts: {
        type: 'timestamp',
        values: values.map((_, i) => new Date(Date.parse('2026-01-05T00:00:00Z') + i * 36_000)),
      },
      x: { type: 'double', values },
    })
    const profile = await profileReference(warehouse, { name: 'day', relation: table, columns, now })
    const [column] = profile.columns
    if (column?.kind !== 'number') throw new Error('not a number column')
    const start = Date.parse('2026-01-05T00:00:00Z')
    const hours = Array.from({ length: 24 }, (_, i): TimeWindow => ({
      from: new Date(start + i * hour),
      to: new Date(start + (i + 1) * hour),
    }))
    const [hourly = []] = await scanNumbers(
      warehouse,
      openSource(warehouse, { relation: table, time: 'ts', windows: hours }),
      [{ ...column, centre: 0 }],
    )
    const merged = hourly.reduce(mergeNumbers)
    expect(hourly.map(({ rows }) => rows)).toEqual(hours.map(() => 100))
    expect(merged.counts).toEqual(column.counts)
  })

  it.runIf(testEngine === 'duckdb')(
    '44: the same window gives the same bytes: again, on other threads, with rows shuffled',
    async () => {
      const draw = normal(44)
      const values = sample(30_000, draw)
      const texts: string[] = []
      const pages: string[] = []
      for (const [threads, reverse] of [
        [1, false],
        [1, false],
        [4, false],
        [4, true],
      ] as const) {
        await using own = await openDuckDb({ threads })
        const reference = await tableOf(own, { x: { type: 'double', values: reverse ? values.toReversed() : values } })
        const current = await tableOf(own, {
          x: { type: 'double', values: (reverse ? values.toReversed() : values).map((x) => x * 1.2 + 0.1) },
        })
        const profile = await profileReference(own, {
          name: 'same',
          relation: sql`SELECT x FROM ${sql.table(reference)}`,
          columns,
          now,
        })
        const result = await runDrift({
          warehouse: own,
          profile,
          current: { relation: sql`SELECT x FROM ${sql.table(current)}` },
          now,
          record: false,
        })
        texts.push(toJson({ ...result, sql: [] }))
        pages.push(toHtml({ ...result, sql: [] }))
      }
      expect(new Set(texts).size).toBe(1)
      expect(new Set(pages).size).toBe(1)
    },
  )
})
