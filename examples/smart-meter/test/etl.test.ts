import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, describe, expect, it } from 'vitest'
import { halfHoursOf, localText, slotOf } from '../src/generate/clock.ts'
import { writeLanding } from '../src/generate/write-landing.ts'
import { DAY_MS } from '../src/generate/world.ts'
import { landFiles } from '../src/land/land-files.ts'
import { openMart } from '../src/open-mart.ts'
import { runEtl } from '../src/run-etl.ts'
import { oftenFaulty } from './support/often-faulty.ts'

const START = '2025-10-20'
/** Clocks go back on the seventh day. */
const WORLD = { seed: 3, meterpoints: 5, start: START, days: 14, faults: oftenFaulty }
const LAST = '2025-11-02'
const TABLES = [
  'fact_consumption',
  'active_agreements',
  'half_hourly_consumption',
  'daily_product_consumption',
] as const

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'smart-meter-'))
  folders.push(folder)
  return folder
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

async function rowsIn(warehouse: Warehouse, table: string): Promise<readonly object[]> {
  return rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(`mart.${table}`)} AS t ORDER BY ALL`))
}

const counts = (reports: Awaited<ReturnType<typeof runEtl>>) =>
  reports.map(({ inserted, updated }) => inserted + updated).reduce((sum, count) => sum + count, 0)

describe('the world', () => {
  it('is the same for the same seed, whatever part of it is written', () => {
    const [whole, parts] = [newFolder(), newFolder()]
    writeLanding(whole, WORLD)
    writeLanding(parts, WORLD, { untilDay: 6 })
    writeLanding(parts, WORLD, { fromDay: 6 })
    const files = (folder: string): readonly (readonly [string, string])[] =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.jsonl'))
        .toSorted()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')])
    expect(files(parts)).toEqual(files(whole))
    expect(files(whole).length).toBeGreaterThan(40)
  })

  it('has days of 46 and 50 half-hours, and shows an hour twice', () => {
    const day = (text: string): number => Date.parse(text) / DAY_MS
    expect(halfHoursOf(day('2025-10-26'))).toHaveLength(50)
    expect(halfHoursOf(day('2026-03-29'))).toHaveLength(46)
    expect(halfHoursOf(day('2025-10-27'))).toHaveLength(48)
    const slots = halfHoursOf(day('2025-10-26')).map(slotOf)
    expect(slots.slice(0, 7)).toEqual([0, 1, 2, 3, 2, 3, 4])
    const texts = halfHoursOf(day('2025-10-26')).slice(2, 6)
    expect(texts.map((at) => localText(at, true).slice(11))).toEqual([
      '01:00:00+01:00',
      '01:30:00+01:00',
      '01:00:00+00:00',
      '01:30:00+00:00',
    ])
    expect(() => writeLanding(newFolder(), { days: 0 })).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})

describe('landing', () => {
  it('takes every file once, as it came, and refuses one that has changed', async () => {
    const folder = newFolder()
    const { files, lines } = writeLanding(folder, WORLD)
    await using warehouse = await openMart()
    const landed = await landFiles(warehouse, folder)
    expect(landed.files).toBe(files)
    const { readings = 0, prices = 0, weather = 0 } = landed.rows
    expect(readings + prices + weather).toBe(lines)
    expect(await landFiles(warehouse, folder)).toEqual({ files: 0, rows: {} })
    const path =
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.includes('readings-')) ?? ''
    const [stored] = rowsOf<{ text: string }>(
      await warehouse.read(
        sql`SELECT STRING_AGG(event, CHR(10) ORDER BY _line) || CHR(10) AS text FROM raw.readings WHERE _file = ${path}`,
      ),
    )
    expect(stored?.text).toBe(readFileSync(join(folder, path), 'utf8'))
    appendFileSync(join(folder, path), '{}\n')
    await expect(landFiles(warehouse, folder)).rejects.toMatchObject({ code: 'FILE_CHANGED', data: { path } })
  })
})

describe('the etl', () => {
  it('gives the same tables day by day, at once, and again', async () => {
    const [whole, parts] = [newFolder(), newFolder()]
    const { ledger } = writeLanding(whole, WORLD)
    for (const fault of [
      'negative',
      'sentinel',
      'duplicate',
      'corrected',
      'lateFile',
      'gap',
      'broken',
      'swap',
      'wallClock',
    ])
      expect(ledger.counts.map(([name]) => name)).toContain(fault)
    await using atOnce = await openMart()
    await landFiles(atOnce, whole)
    const reference = ['2025-10-26', LAST]
    for (const referenceDate of reference) await runEtl(atOnce, { referenceDate, since: START })
    expect(counts(await runEtl(atOnce, { referenceDate: LAST, since: START }))).toBe(0)

    await using daily = await openMart()
    for (const [from, until, referenceDate] of [
      [-30, 7, '2025-10-26'],
      [7, 40, LAST],
    ] as const) {
      writeLanding(parts, WORLD, { fromDay: from, untilDay: until })
      await landFiles(daily, parts)
      await runEtl(daily, { referenceDate, since: START })
    }
    // What became known after a date is in it when it is done again.
    await runEtl(daily, { referenceDate: '2025-10-26', since: START })
    for (const table of TABLES) expect(await rowsIn(daily, table), table).toEqual(await rowsIn(atOnce, table))
  })

  it('leaves out what cannot be, and loses nothing between its tables', async () => {
    const folder = newFolder()
    writeLanding(folder, WORLD)
    await using warehouse = await openMart()
    await landFiles(warehouse, folder)
    await runEtl(warehouse, { referenceDate: LAST, since: START })
    const [facts] = rowsOf(
      await warehouse.read(sql`
        SELECT MIN(wh) AS least, MAX(wh) < 20000 AS possible, SUM(wh) AS wh, COUNT(*) = COUNT(DISTINCT (meterpoint_id, ts)) AS once,
          COUNT(DISTINCT slot) AS slots FROM mart.fact_consumption`),
    )
    expect(facts).toMatchObject({ possible: true, once: true, slots: 48 })
    const total = async (table: string): Promise<unknown> =>
      rowsOf(await warehouse.read(sql`SELECT SUM(wh) AS wh FROM ${tableRef(`mart.${table}`)} AS t`))[0]?.['wh']
    expect(await total('half_hourly_consumption')).toEqual(facts?.['wh'])
    expect(await total('daily_product_consumption')).toEqual(facts?.['wh'])
    const changed = rowsOf(
      await warehouse.read(
        sql`SELECT COUNT(*) AS intervals FROM mart.half_hourly_consumption WHERE day = DATE '2025-10-26'`,
      ),
    )
    expect(Number(changed[0]?.['intervals'])).toBe(50)
  })
})
