import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  columnBatch,
  ensureTable,
  load,
  planLoad,
  rowsOf,
  snapshot,
  sql,
  stepStates,
  tableRef,
} from '@martlet/warehouse'
import type { ColumnSpec, LoadProgress, Warehouse } from '@martlet/warehouse'
import { openTestWarehouse, runsOf, testEngine } from '../support/engine.ts'
import { codeOf } from '../support/errors.ts'
import { check } from '../support/property.ts'
import { deliver, delivery, hour, HOUR, loading, openTables, staged } from './delivery.ts'
import { newestRows, type Delivered } from './twin.ts'

let warehouse: Warehouse
beforeEach(async () => {
  warehouse = await openTestWarehouse()
  await openTables(warehouse)
})
afterEach(() => warehouse.close())

const LATER = hour(10_000)
const run = (options = {}, step = {}) => load(warehouse, { ...loading, ...step }, { until: LATER, ...options })
const now = async () =>
  (await staged(warehouse)).map(
    ({ id, n, note, at, loadedAt }) => `${id} ${n ?? '-'} ${note ?? '-'} @${at} +${loadedAt}`,
  )

describe('load', () => {
  it('merges what came since the last run, the newest version of each key', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 2 x @4 +4\nb 7 - @2 +2'))
    expect(await planLoad(warehouse, loading, { until: LATER })).toEqual({
      load: 'things',
      into: 'staging.things',
      rows: 3,
      later: 0,
      restarted: null,
      watermark: null,
    })
    expect(await stepStates(warehouse)).toEqual([])
    expect(await run()).toEqual({
      load: 'things',
      into: 'staging.things',
      read: 3,
      inserted: 2,
      updated: 0,
      unchanged: 1,
      rejected: 0,
      lacking: {},
      later: 0,
      restarted: null,
      watermark: hour(4),
    })
    expect(await now()).toEqual(['a 2 x @4 +4', 'b 7 - @2 +2'])
    expect(await run()).toMatchObject({ read: 0, inserted: 0, updated: 0, unchanged: 0, watermark: hour(4) })
    await deliver(warehouse, delivery('b 8 - @6 +7\nc 1 x @1 +7'))
    expect(await planLoad(warehouse, loading, { until: LATER })).toMatchObject({ rows: 2, watermark: hour(4) })
    expect(await run()).toMatchObject({ read: 2, inserted: 1, updated: 1, unchanged: 0, watermark: hour(7) })
    expect(await now()).toEqual(['a 2 x @4 +4', 'b 8 - @6 +7', 'c 1 x @1 +7'])
    expect(await stepStates(warehouse)).toMatchObject([
      { kind: 'load', name: 'things', into: 'staging.things', watermark: hour(7) },
    ])
  })

  it('never takes an older version that comes later, and of equal ones the one that came last', async () => {
    await deliver(warehouse, delivery('a 5 x @5 +1'))
    await run()
    await deliver(warehouse, delivery('a 4 x @4 +2'))
    expect(await run()).toMatchObject({ read: 1, updated: 0, unchanged: 1 })
    await deliver(warehouse, delivery('a 6 x @5 +3'))
    expect(await run()).toMatchObject({ read: 1, updated: 1 })
    expect(await now()).toEqual(['a 6 x @5 +3'])
  })

  it('goes by loadedAt alone where nothing else says which is newer', async () => {
    const { newest: _, ...plain } = loading
    await deliver(warehouse, delivery('a 5 x @5 +1\na 4 x @4 +2'))
    await load(warehouse, plain, { until: LATER })
    expect(await now()).toEqual(['a 4 x @4 +2'])
    await deliver(warehouse, delivery('a 3 x @3 +3'))
    await load(warehouse, plain, { until: LATER })
    expect(await now()).toEqual(['a 3 x @3 +3'])
  })

  it('counts rows that cannot be merged, names what they lack, and takes the others', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\n- 1 x @1 +2\nb 1 x @- +2\n- 1 x @- +2\nc 1 x @1 +-'))
    expect(await run()).toMatchObject({
      read: 5,
      inserted: 1,
      rejected: 4,
      unchanged: 0,
      lacking: { id: 2, updated_at: 2, loaded_at: 1 },
      watermark: hour(2),
    })
    expect(await now()).toEqual(['a 1 x @1 +1'])
    // Nobody knows when a row without loadedAt came, so it is counted every time.
    expect(await run()).toMatchObject({ read: 1, rejected: 1, lacking: { loaded_at: 1 }, watermark: hour(2) })
  })

  it('rejects rows that lack what the target declares NOT NULL', async () => {
    await ensureTable(warehouse, {
      table: 'mart.notes',
      columns: [
        { name: 'id', type: 'text', nullable: false },
        { name: 'note', type: 'text', nullable: false },
      ],
    })
    await deliver(warehouse, delivery('a 1 x @1 +1\nb 1 - @1 +1'))
    const { newest: _, ...plain } = loading
    expect(await load(warehouse, { ...plain, into: 'mart.notes' }, { until: LATER })).toMatchObject({
      read: 2,
      inserted: 1,
      lacking: { note: 1 },
    })
    // The target has no loadedAt: what comes later is newer.
    await deliver(warehouse, delivery('a 1 y @1 +2'))
    await load(warehouse, { ...plain, into: 'mart.notes' }, { until: LATER })
    expect(rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef('mart.notes')}`))).toEqual([{ id: 'a', note: 'y' }])
  })

  it('leaves what is loaded after the end of the run to a later one', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 2 x @2 +8'))
    expect(await run({ until: hour(7) })).toMatchObject({ read: 1, later: 1, watermark: hour(1) })
    expect(await run({ until: hour(8) })).toMatchObject({ read: 1, later: 0, watermark: hour(8) })
    expect(await now()).toEqual(['a 2 x @2 +8'])
  })

  it('reads again what an overlap covers', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +5'))
    await run({}, { overlap: 2n * HOUR })
    await deliver(warehouse, delivery('b 1 x @1 +4\nc 1 x @1 +3'))
    expect(await run({}, { overlap: 2n * HOUR })).toMatchObject({ read: 2, inserted: 1, unchanged: 1 })
    expect(await now()).toEqual(['a 1 x @1 +5', 'b 1 x @1 +4'])
  })

  it('reads everything again when it is another load, its target is empty, or it is asked to', async () => {
    await deliver(warehouse, delivery('a 5 x @1 +1\na 4 x @2 +2'))
    await run()
    expect(await run({ restart: true })).toMatchObject({ read: 2, updated: 0, unchanged: 2, restarted: 'as asked' })
    await warehouse.run(sql`DELETE FROM ${tableRef('staging.things')}`)
    expect(await run()).toMatchObject({ read: 2, inserted: 1, restarted: 'staging.things is empty' })
    const other = sql`SELECT id, CAST(n + 10 AS ${warehouse.leaves.columnType('integer')}) AS n, note, updated_at, loaded_at
      FROM ${tableRef('raw.things')} -- with a comment at its end`
    expect(await run({}, { from: { query: other } })).toMatchObject({
      restarted: 'its definition has changed',
      updated: 1,
    })
    expect(await now()).toEqual(['a 14 x @2 +2'])
  })

  it('writes many rows in parts, by ranges of loadedAt and by keys where that does not tell them apart', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => ({
      id: `k${index % 25}`,
      n: index,
      note: null,
      at: index,
      loadedAt: index < 40 ? 3 : index,
    }))
    await deliver(warehouse, rows)
    const seen: LoadProgress[] = []
    const report = await run({ chunkRows: 7, onProgress: (progress: LoadProgress) => seen.push(progress) })
    expect(report).toMatchObject({ read: 60, inserted: 25, rejected: 0, watermark: hour(59) })
    expect(await staged(warehouse)).toEqual(newestRows(rows, 10_000))
    expect(seen.map(({ read }) => read)).toEqual([0, 40, 47, 54, 60])
    expect(seen.every(({ of }) => of === 60)).toBe(true)
  })

  it('says what is wrong with a step before it writes', async () => {
    const wrong = async (step: object) => {
      const { code, message } = await codeOf(run({}, step))
      return `${code} ${message}`
    }
    expect(await wrong({ into: 'staging.none' })).toBe(
      'TABLE_NOT_FOUND load things: there is no table staging.none to write to. Create it first.',
    )
    expect(await wrong({ from: { table: 'raw.none' } })).toBe(
      'TABLE_NOT_FOUND load things: there is no table raw.none to read from. Create it first.',
    )
    expect(await wrong({ key: [] })).toMatch(/^BAD_STEP .*it has no key/)
    expect(await wrong({ key: ['ident'] })).toMatch(
      /^BAD_STEP .*key needs ident, which is no column of staging\.things/,
    )
    expect(await wrong({ newest: 'update_at' })).toMatch(/^BAD_STEP .*Did you mean updated_at\?/)
    expect(await wrong({ loadedAt: 'note' })).toMatch(/^BAD_STEP .*loadedAt note is not a timestamp/)
    const columns = sql`SELECT id, note AS n, updated_at AS update_at, loaded_at FROM ${tableRef('raw.things')}`
    expect(await wrong({ from: { query: columns } })).toBe(
      'STEP_MISFIT load things: the columns that it reads do not fit staging.things: n is text, and integer in ' +
        'staging.things; note is missing; updated_at is missing (there is update_at). Write a query with the columns ' +
        'of the table, and CAST where the type differs.',
    )
    const file = { file: 'loads/things.sql', line: 3 }
    const broken = await codeOf(
      run({}, { from: { query: sql`SELECT id,\n nope FROM ${tableRef('raw.things')}`, file } }),
    )
    expect(broken.code).toBe('STEP_QUERY_FAILED')
    // The double of Snowflake names no line.
    const place = warehouse.engine === 'duckdb' ? 'loads/things.sql, line 4' : 'loads/things.sql'
    expect(broken.message).toMatch(new RegExp(`^load things: ${place} failed: `))
    expect(broken.data).toMatchObject({ load: 'things', file: 'loads/things.sql' })
    expect(await stepStates(warehouse)).toEqual([])
  })

  it('runs one after the other when two begin at once', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\nb 7 - @2 +2\nc 7 - @2 +3'))
    const both = await Promise.all([run(), run()])
    expect(both.map(({ read }) => read).toSorted()).toEqual([0, 3])
    expect(await now()).toEqual(['a 1 x @1 +1', 'b 7 - @2 +2', 'c 7 - @2 +3'])
  })

  it.skipIf(testEngine !== 'duckdb')('is refused while another run holds on, and writes nothing', async () => {
    await run()
    await deliver(warehouse, delivery('a 1 x @1 +1'))
    await warehouse.transaction(async (other) => {
      await other.run(sql`UPDATE ${tableRef('loads_internal.steps')} SET turn = turn`)
      const { code, data } = await codeOf(run())
      expect([code, data['load']]).toEqual(['STEP_BUSY', 'things'])
    })
    expect(await run()).toMatchObject({ read: 1, inserted: 1 })
  })

  it.skipIf(testEngine !== 'duckdb')('refuses a target with a column that it could not fill', async () => {
    await warehouse.run(sql`CREATE TABLE staging.lists (id VARCHAR, tags VARCHAR[])`)
    expect((await codeOf(run({}, { into: 'staging.lists', newest: undefined }))).code).toBe('COLUMN_TYPE_UNSUPPORTED')
  })

  it('takes any name for a column', async () => {
    const names = ['place', 'since', 'q', 't', 'given', 'martlet'] as const
    const text = names.map((name): ColumnSpec => ({ name, type: 'text' }))
    const times: readonly ColumnSpec[] = [
      { name: 'slot', type: 'timestamp' },
      { name: 'first', type: 'timestamp' },
    ]
    const ends: readonly ColumnSpec[] = ['valid_from', 'valid_to'].map((name) => ({ name, type: 'timestamp' }))
    await ensureTable(warehouse, { table: 'raw.odd', columns: [...text, ...times] })
    await ensureTable(warehouse, { table: 'staging.odd', columns: [...text, ...times] })
    await ensureTable(warehouse, { table: 'mart.odd', columns: [...text, ...ends] })
    const texts = names.map((name) => [name, { type: 'text', values: ['k', 'k'] }] as const)
    await warehouse.append(
      'raw.odd',
      columnBatch({
        ...Object.fromEntries(texts),
        given: { type: 'text', values: ['1', '2'] },
        slot: { type: 'timestamp', values: [hour(1), hour(2)] },
        first: { type: 'timestamp', values: [hour(1), hour(2)] },
      }),
    )
    const step = { name: 'odd', from: { table: 'raw.odd' }, key: ['place', 'since'], loadedAt: 'slot' } as const
    expect(await load(warehouse, { ...step, into: 'staging.odd', newest: 'first' })).toMatchObject({ inserted: 1 })
    expect(await snapshot(warehouse, { ...step, into: 'mart.odd', at: 'first', deletes: 'close' })).toMatchObject({
      inserted: 2,
    })
  })
})

describe('every history of deliveries', () => {
  const row = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', null),
    at: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 12 }),
    n: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 5 }),
    note: fc.constantFrom('x', 'y', null),
  })
  const batches = fc.array(fc.array(fc.tuple(row, fc.nat({ max: 2 }), fc.boolean()), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 5,
  })

  it('gives the rows of the twin, whatever the runs and their parts', async () => {
    await check(
      fc.asyncProperty(batches, fc.array(fc.nat({ max: 4 }), { minLength: 5, maxLength: 5 }), async (given, runs) => {
        for (const table of ['raw.things', 'staging.things', 'loads_internal.steps'])
          if ((await warehouse.introspect(table)) !== undefined)
            await warehouse.run(sql`DELETE FROM ${tableRef(table)}`)
        const all: Delivered[] = []
        for (const [index, batch] of given.entries()) {
          const arrived = batch.flatMap(([values, offset, twice]) => {
            const one = { ...values, loadedAt: index * 10 + offset }
            return twice ? [one, one] : [one]
          })
          all.push(...arrived)
          await deliver(warehouse, arrived)
          // 0: no run now; else a run whose parts have at most so many rows.
          const most = runs[index] ?? 0
          if (most === 0) continue
          const { read, inserted, updated, unchanged, rejected } = await run({ chunkRows: most })
          expect(inserted + updated + unchanged + rejected).toBe(read)
          expect(await staged(warehouse)).toEqual(newestRows(all, 10_000))
        }
        await run()
        expect(await staged(warehouse)).toEqual(newestRows(all, 10_000))
        expect(await run({ restart: true, chunkRows: 3 })).toMatchObject({ inserted: 0, updated: 0 })
        expect(await staged(warehouse)).toEqual(newestRows(all, 10_000))
      }),
      { runs: runsOf(10) / Number(process.env['MARTLET_RUNS'] ?? 1) },
    )
  })
})
