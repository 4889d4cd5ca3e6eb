import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planSnapshot, rowsOf, snapshot, sql, stepStates, tableRef } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { openTestWarehouse, runsOf } from '../support/engine.ts'
import { codeOf } from '../support/errors.ts'
import { check } from '../support/property.ts'
import { deliver, delivery, hour, intervalsIn, keeping, openTables, shown } from './delivery.ts'
import { intervalsOf, type Delivered } from './twin.ts'

let warehouse: Warehouse
beforeEach(async () => {
  warehouse = await openTestWarehouse()
  await openTables(warehouse)
})
afterEach(() => warehouse.close())

const LATER = hour(10_000)
const run = (options = {}, step = {}) => snapshot(warehouse, { ...keeping, ...step }, { until: LATER, ...options })
const now = async () => shown(await intervalsIn(warehouse))

describe('snapshot', () => {
  it('turns versions into intervals, and reads only what came since', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 2 x @4 +4\nb 7 - @2 +2'))
    expect(await planSnapshot(warehouse, keeping, { until: LATER })).toMatchObject({ rows: 3, watermark: null })
    expect(await run()).toEqual({
      snapshot: 'things',
      into: 'mart.dim_thing',
      read: 3,
      inserted: 3,
      updated: 0,
      removed: 0,
      unchanged: 0,
      rejected: 0,
      closed: 0,
      lacking: {},
      later: 0,
      restarted: null,
      watermark: hour(4),
    })
    expect(await now()).toEqual(['a 1 x @1..4', 'a 2 x @4..', 'b 7 - @2..'])
    expect(await run()).toMatchObject({
      read: 0,
      inserted: 0,
      updated: 0,
      removed: 0,
      unchanged: 0,
      watermark: hour(4),
    })
    await deliver(warehouse, delivery('b 8 - @6 +7'))
    expect(await run()).toMatchObject({
      read: 1,
      inserted: 1,
      updated: 1,
      removed: 0,
      unchanged: 0,
      watermark: hour(7),
    })
    expect(await now()).toEqual(['a 1 x @1..4', 'a 2 x @4..', 'b 7 - @2..6', 'b 8 - @6..'])
    expect(await stepStates(warehouse)).toMatchObject([
      { kind: 'snapshot', name: 'things', into: 'mart.dim_thing', watermark: hour(7) },
    ])
  })

  it('puts a late version in its place, splits and joins intervals', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 2 x @5 +5\na 1 x @9 +9'))
    await run()
    await deliver(warehouse, delivery('a 1 x @7 +10'))
    // The version of hour 9 now says what that of hour 7 says.
    expect(await run()).toMatchObject({ read: 1, inserted: 1, updated: 1, removed: 1 })
    expect(await now()).toEqual(['a 1 x @1..5', 'a 2 x @5..7', 'a 1 x @7..'])
    await deliver(warehouse, delivery('a 2 x @8 +11\na 1 x @3 +11\na 0 x @0 +11'))
    // What the version of hour 9 said was not forgotten.
    expect(await run()).toMatchObject({ read: 3, inserted: 3, updated: 1, removed: 0 })
    expect(await now()).toEqual([
      'a 0 x @0..1',
      'a 1 x @1..5',
      'a 2 x @5..7',
      'a 1 x @7..8',
      'a 2 x @8..9',
      'a 1 x @9..',
    ])
  })

  it('takes of two versions of one instant the one that was loaded last', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 2 x @3 +3\na 3 x @3 +4'))
    await run()
    expect(await now()).toEqual(['a 1 x @1..3', 'a 3 x @3..'])
    await deliver(warehouse, delivery('a 1 x @3 +6'))
    expect(await run()).toMatchObject({ read: 1, inserted: 0, updated: 1, removed: 1 })
    expect(await now()).toEqual(['a 1 x @1..'])
  })

  it('compares only the columns that are tracked', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 1 y @3 +3\na 2 y @5 +5'))
    await run({}, { columns: ['n'] })
    expect(await now()).toEqual(['a 1 x @1..5', 'a 2 y @5..'])
    // Other columns are another definition, so everything is read again.
    expect(await run()).toMatchObject({ read: 3, restarted: 'its definition has changed' })
    expect(await now()).toEqual(['a 1 x @1..3', 'a 1 y @3..5', 'a 2 y @5..'])
  })

  it('counts versions that cannot be placed, and keeps the others', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\n- 1 x @1 +2\nb 1 x @- +2\n- 1 x @- +2\nc 1 x @1 +-'))
    expect(await run()).toMatchObject({
      read: 5,
      rejected: 4,
      lacking: { id: 2, updated_at: 2, loaded_at: 1 },
      watermark: hour(2),
    })
    expect(await now()).toEqual(['a 1 x @1..'])
    // Nobody knows when a row without loadedAt came, so it is counted every time.
    expect(await run()).toMatchObject({ read: 1, rejected: 1, lacking: { loaded_at: 1 } })
  })

  it('leaves what is loaded after the end of the run to a later one', async () => {
    await deliver(warehouse, delivery('a 1 x @1 +1\na 2 x @2 +8'))
    expect(await run({ until: hour(7) })).toMatchObject({ read: 1, later: 1, watermark: hour(1) })
    expect(await now()).toEqual(['a 1 x @1..'])
    // The version that has come, but is not read yet, counts no more when another one of its key is read.
    await deliver(warehouse, delivery('a 3 x @0 +6'))
    expect(await run({ until: hour(7) })).toMatchObject({ read: 1, later: 1 })
    expect(await now()).toEqual(['a 3 x @0..1', 'a 1 x @1..'])
    expect(await run({ until: hour(8) })).toMatchObject({ read: 1, later: 0 })
    expect(await now()).toEqual(['a 3 x @0..1', 'a 1 x @1..2', 'a 2 x @2..'])
  })
})

describe('a source with the version that holds now', () => {
  const replace = async (rows: string) => {
    await warehouse.run(sql`DELETE FROM ${tableRef('staging.things')}`)
    if (rows !== '') await deliver(warehouse, delivery(rows), 'staging.things')
  }
  const step = { from: { table: 'staging.things' } } as const
  const closing = { ...step, deletes: 'close' } as const

  it('has the history of what was seen', async () => {
    await replace('a 1 x @1 +1\nb 1 x @1 +1')
    await run({}, step)
    await replace('a 2 x @4 +4\nb 1 x @1 +1')
    await run({}, step)
    await replace('a 2 x @6 +6\nb 1 x @1 +1')
    expect(await run({}, step)).toMatchObject({ read: 1, inserted: 0, updated: 0, removed: 0, unchanged: 1 })
    await replace('a 3 x @6 +7')
    await run({}, step)
    expect(await now()).toEqual(['a 1 x @1..4', 'a 2 x @4..6', 'a 3 x @6..', 'b 1 x @1..'])
  })

  it('ends rows that are gone and begins those that are back, where that is asked', async () => {
    await replace('a 1 x @1 +1\nb 1 x @1 +1')
    await run({ at: hour(2) }, closing)
    await replace('b 1 x @1 +1')
    expect(await run({ at: hour(5) }, closing)).toMatchObject({ read: 0, closed: 1, updated: 1 })
    expect(await now()).toEqual(['a 1 x @1..5', 'b 1 x @1..'])
    expect(await run({ at: hour(6) }, closing)).toMatchObject({ closed: 0, inserted: 0, updated: 0, removed: 0 })
    // The same version is back: it did not hold in between.
    await replace('a 1 x @1 +1\nb 1 x @1 +1')
    expect(await run({ at: hour(8) }, closing)).toMatchObject({ inserted: 1, updated: 0, removed: 0 })
    expect(await now()).toEqual(['a 1 x @1..5', 'a 1 x @8..', 'b 1 x @1..'])
    expect(await run({ at: hour(9) }, closing)).toMatchObject({ inserted: 0, updated: 0, removed: 0 })
    // A new version has the history of both.
    await replace('a 2 x @11 +11\nb 1 x @1 +1')
    await run({ at: hour(12) }, closing)
    expect(await now()).toEqual(['a 1 x @1..5', 'a 1 x @8..11', 'a 2 x @11..', 'b 1 x @1..'])
    // One that is back with a version from after its end begins there.
    await replace('b 1 x @1 +1')
    await run({ at: hour(14) }, closing)
    await replace('a 2 x @15 +15\nb 1 x @1 +1')
    await run({ at: hour(17) }, closing)
    expect((await now()).slice(2, 4)).toEqual(['a 2 x @11..14', 'a 2 x @15..'])
    // One that was to hold later, and is gone before, never held.
    await replace('a 5 x @30 +18\nb 1 x @1 +1')
    await run({ at: hour(18) }, closing)
    await replace('b 1 x @1 +1')
    await run({ at: hour(19) }, closing)
    expect((await now()).slice(3)).toEqual(['a 2 x @15..30', 'b 1 x @1..'])
    expect(await run({ at: hour(20) }, closing)).toMatchObject({ closed: 0, updated: 0, removed: 0 })
  })

  it('ends nothing when there is nothing to read at all', async () => {
    await replace('a 1 x @1 +1')
    await run({}, closing)
    await replace('')
    expect((await codeOf(run({}, closing))).code).toBe('STEP_EMPTY')
    expect(await run({}, step)).toMatchObject({ closed: 0 })
    expect(await now()).toEqual(['a 1 x @1..'])
  })

  it('is compared as a whole without loadedAt', async () => {
    const whole = { ...keeping, from: step.from, loadedAt: undefined }
    const { loadedAt: _, ...plain } = whole
    await replace('a 1 x @1 +-\nb 1 x @2 +-')
    expect(await snapshot(warehouse, plain)).toMatchObject({ read: 2, inserted: 2, watermark: null })
    expect(await snapshot(warehouse, plain)).toMatchObject({ read: 2, inserted: 0, updated: 0, unchanged: 2 })
    await replace('a 9 x @1 +-\nb 2 x @4 +-')
    expect(await snapshot(warehouse, plain)).toMatchObject({ read: 2, inserted: 1, updated: 2 })
    expect(await now()).toEqual(['a 9 x @1..', 'b 1 x @2..4', 'b 2 x @4..'])
  })
})

describe('every history of deliveries', () => {
  const row = fc.record({
    id: fc.constantFrom('a', 'b', 'c', null),
    at: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 12 }),
    n: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 5 }),
    note: fc.constantFrom('x', 'x', 'y', null),
  })
  /** Rows in batches; a batch arrives at one instant or at several, and some of it twice. */
  const batches = fc.array(fc.array(fc.tuple(row, fc.nat({ max: 2 }), fc.boolean()), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 6,
  })

  it('gives the intervals of one run over everything, which are those of the twin', async () => {
    await check(
      fc.asyncProperty(batches, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), async (given, runsAfter) => {
        for (const table of ['raw.things', 'mart.dim_thing', 'loads_internal.steps'])
          if ((await warehouse.introspect(table)) !== undefined)
            await warehouse.run(sql`DELETE FROM ${tableRef(table)}`)
        const all: Delivered[] = []
        for (const [index, batch] of given.entries()) {
          const arrived = batch.flatMap(([values, offset, twice]) => {
            const one = { ...values, loadedAt: index * 10 + offset }
            return twice ? [one, { ...one, loadedAt: index * 10 + 3 }] : [one]
          })
          all.push(...arrived)
          await deliver(warehouse, arrived)
          if (runsAfter[index] === true) {
            await run()
            expect(await intervalsIn(warehouse)).toEqual(intervalsOf(all, 10_000))
          }
        }
        await run()
        const ended = await intervalsIn(warehouse)
        expect(ended).toEqual(intervalsOf(all, 10_000))
        expect(await run()).toMatchObject({ inserted: 0, updated: 0, removed: 0 })
        await run({ restart: true })
        expect(await intervalsIn(warehouse)).toEqual(ended)
        await warehouse.run(sql`DELETE FROM ${tableRef('mart.dim_thing')}`)
        await run()
        expect(await intervalsIn(warehouse)).toEqual(ended)
        const open = sql`
          SELECT id FROM ${tableRef('mart.dim_thing')} GROUP BY id HAVING COUNT(*) - COUNT(valid_to) <> 1
        `
        expect(rowsOf(await warehouse.read(open))).toEqual([])
      }),
      { runs: runsOf(10) / Number(process.env['MARTLET_RUNS'] ?? 1) },
    )
  })
})
