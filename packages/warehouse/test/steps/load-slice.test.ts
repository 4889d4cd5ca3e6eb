import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bindParameters, ensureTable, load, loadSlice, rowsOf, sql, stepStates, tableRef } from '@martlet/warehouse'
import type { SliceStep, Warehouse } from '@martlet/warehouse'
import { openTestWarehouse } from '../support/engine.ts'
import { codeOf } from '../support/errors.ts'
import { check } from '../support/property.ts'

interface Row {
  readonly day: string | null
  readonly product: string | null
  readonly kwh: number | null
}

let warehouse: Warehouse
beforeEach(async () => {
  warehouse = await openTestWarehouse()
  for (const table of ['raw.daily', 'mart.daily'])
    await ensureTable(warehouse, {
      table,
      columns: [
        { name: 'day', type: 'date' },
        { name: 'product', type: 'text' },
        { name: 'kwh', type: 'integer', nullable: table === 'raw.daily' },
      ],
    })
})
afterEach(() => warehouse.close())

const step = (from: string, to = from): SliceStep => ({
  name: 'daily',
  from: { table: 'raw.daily' },
  into: 'mart.daily',
  key: ['day', 'product'],
  slice: { column: 'day', from, to },
})
const date = (day: string | null) => sql`CAST(${day} AS ${warehouse.leaves.columnType('date')})`

async function give(rows: readonly Row[]): Promise<void> {
  await warehouse.run(sql`DELETE FROM ${tableRef('raw.daily')}`)
  for (const { day, product, kwh } of rows)
    await warehouse.run(sql`INSERT INTO ${tableRef('raw.daily')} SELECT ${date(day)}, ${product}, ${kwh}`)
}

async function stored(): Promise<readonly string[]> {
  const day = sql`CAST(day AS ${warehouse.leaves.columnType('text')})`
  const query = sql`SELECT ${day} AS day, product, kwh FROM ${tableRef('mart.daily')} ORDER BY 1, 2`
  return rowsOf(await warehouse.read(query)).map(
    ({ day, product, kwh }) => `${String(day)} ${String(product)} ${String(kwh)}`,
  )
}

const rowsFrom = (text: string): readonly Row[] =>
  text.split('\n').map((line) => {
    const [day = '', product = '', kwh = ''] = line.trim().split(' ')
    return { day: `2026-06-0${day}`, product, kwh: Number(kwh) }
  })

describe('loadSlice', () => {
  it('replaces the rows of its days and no others', async () => {
    await give(rowsFrom('1 flat 10\n1 peak 4\n2 flat 11\n3 flat 12'))
    expect(await loadSlice(warehouse, step('2026-06-01', '2026-06-02'))).toEqual({
      load: 'daily',
      into: 'mart.daily',
      from: '2026-06-01',
      to: '2026-06-02',
      read: 3,
      inserted: 3,
      updated: 0,
      unchanged: 0,
      removed: 0,
      rejected: 0,
      lacking: {},
    })
    expect(await stored()).toHaveLength(3)
    // The first day is corrected, the third arrives, and of the second nobody asks.
    await give(rowsFrom('1 flat 10\n2 flat 99\n3 flat 12\n1 night 1'))
    expect(await loadSlice(warehouse, step('2026-06-01'))).toMatchObject({
      read: 2,
      inserted: 1,
      updated: 0,
      unchanged: 1,
      removed: 1,
    })
    expect((await stored()).map((row) => row.replace(/^\S+-0/, ''))).toEqual(['1 flat 10', '1 night 1', '2 flat 11'])
    const again = await loadSlice(warehouse, step('2026-06-01'))
    expect(again).toMatchObject({ read: 2, inserted: 0, updated: 0, unchanged: 2, removed: 0 })
    expect(await stepStates(warehouse)).toMatchObject([{ kind: 'load', name: 'daily', watermark: null }])
  })

  it('counts rows that lack something, also the day itself', async () => {
    await give([
      { day: null, product: 'flat', kwh: 1 },
      { day: '2026-06-01', product: null, kwh: 1 },
      { day: '2026-06-01', product: 'flat', kwh: null },
      { day: '2026-06-01', product: 'peak', kwh: 3 },
    ])
    expect(await loadSlice(warehouse, step('2026-06-01'))).toMatchObject({
      read: 4,
      inserted: 1,
      rejected: 3,
      lacking: { day: 1, product: 1, kwh: 1 },
    })
  })

  it('refuses what would be ambiguous, and changes nothing then', async () => {
    await give(rowsFrom('1 flat 10\n1 flat 11'))
    const repeated = loadSlice(warehouse, step('2026-06-01'))
    await expect(repeated).rejects.toThrow(/day 2026-06-01, product flat/)
    expect(await stored()).toEqual([])
    const wrong = (change: Partial<SliceStep>) =>
      codeOf(loadSlice(warehouse, { ...step('2026-06-01'), ...change })).then(({ code }) => code)
    expect(await wrong({ key: ['product'] })).toBe('BAD_STEP')
    expect(await wrong({ slice: { column: 'product', from: '2026-06-01', to: '2026-06-01' } })).toBe('BAD_STEP')
    expect(await wrong({ slice: { column: 'day', from: '2026-06-02', to: '2026-06-01' } })).toBe('BAD_STEP')
    expect(await wrong({ slice: { column: 'day', from: 'monday', to: 'monday' } })).toBe('BAD_STEP')
    expect(await wrong({ into: 'mart.daliy' })).toBe('TABLE_NOT_FOUND')
  })

  it('gives, for any runs over any rows, what the query has for the days that ran last', async () => {
    const days = ['2026-06-01', '2026-06-02', '2026-06-03']
    const key = fc.record({ day: fc.constantFrom(...days), product: fc.constantFrom('a', 'b', 'c') })
    const rows = fc.uniqueArray(fc.record({ key, kwh: fc.integer({ min: 0, max: 3 }) }), {
      maxLength: 6,
      selector: ({ key: { day, product } }) => day + product,
    })
    const runs = fc.array(fc.record({ rows, days: fc.tuple(fc.constantFrom(...days), fc.constantFrom(...days)) }), {
      maxLength: 3,
    })
    await check(
      fc.asyncProperty(runs, async (given) => {
        await warehouse.run(sql`DELETE FROM ${tableRef('mart.daily')}`)
        const kept = new Map<string, number>()
        for (const { rows: some, days: ends } of given) {
          const [from = '', to = ''] = ends.toSorted()
          await give(some.map(({ key: { day, product }, kwh }) => ({ day, product, kwh })))
          const { read, inserted, updated, unchanged, removed } = await loadSlice(warehouse, step(from, to))
          expect(read).toBe(inserted + updated + unchanged)
          const before = kept.size
          for (const name of kept.keys()) if (name.slice(0, 10) >= from && name.slice(0, 10) <= to) kept.delete(name)
          for (const {
            key: { day, product },
            kwh,
          } of some)
            if (day >= from && day <= to) kept.set(`${day} ${product}`, kwh)
          expect(kept.size - before).toBe(inserted - removed)
        }
        expect(await stored()).toEqual([...kept].map(([name, kwh]) => `${name} ${kwh}`).toSorted())
      }),
      { runs: 15 },
    )
  })
})

describe('parameters of a query', () => {
  const given = sql`CAST(${'2026-06-02'} AS DATE)`
  const bound = (text: string) => warehouse.compile(bindParameters(text, () => given))

  it('are bound where they stand, and nowhere else', async () => {
    const { sql: text, parameters } = bound(
      `SELECT {day} AS day, 'it''s' AS "a b" -- not {day}\nFROM x WHERE d > {day-6d}`,
    )
    expect(parameters).toEqual(['2026-06-02', '2026-06-02'])
    expect(text).toContain('-- not {day}')
    expect(bound('SELECT 1').parameters).toEqual([])
    expect(bound("SELECT {'a': 1} AS s").sql).toBe("SELECT {'a': 1} AS s")
    expect(() => bound("SELECT '{day}'")).toThrow(/inside '\{day\}'/)
    expect(() => bound('SELECT "{day}"')).toThrow(expect.objectContaining({ code: 'STEP_PARAMETER' }))
  })

  it('are read by a step, whose errors still name the line', async () => {
    await give(rowsFrom('1 flat 10\n2 flat 11\n2 peak 5'))
    const query = (text: string) => ({
      ...step('2026-06-02'),
      from: { query: bindParameters(text, () => date('2026-06-02')), file: { file: 'daily.sql', line: 3 } },
    })
    const text = `SELECT {day} AS day, product, SUM(kwh) AS kwh\nFROM raw.daily WHERE day = {day} GROUP BY product`
    const cast = text.replace('SUM(kwh)', `CAST(SUM(kwh) AS INTEGER)`)
    expect(await loadSlice(warehouse, query(cast))).toMatchObject({ read: 2, inserted: 2 })
    await expect(loadSlice(warehouse, query('SELECT {day} AS day\nFROM nowhere.at_all'))).rejects.toThrow(/daily\.sql/)
  })
})

describe('a load that merges', () => {
  it('is another step than a slice of the same name would be', async () => {
    await give(rowsFrom('1 flat 10'))
    await loadSlice(warehouse, step('2026-06-01'))
    const { slice: _, ...merging } = step('2026-06-01')
    await warehouse.run(sql`CREATE TABLE ${tableRef('raw.timed')} AS SELECT day, product, kwh + 1 AS kwh,
      CAST('2026-06-05' AS ${warehouse.leaves.columnType('timestamp')}) AS loaded_at FROM ${tableRef('raw.daily')}`)
    const report = await load(warehouse, { ...merging, from: { table: 'raw.timed' }, loadedAt: 'loaded_at' })
    expect(report).toMatchObject({ read: 1, updated: 1, restarted: null })
  })
})
