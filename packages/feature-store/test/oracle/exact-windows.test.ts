import process from 'node:process'
import { sql, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf, testEngine } from '../../../warehouse/test/support/engine.ts'
import { buildView, FIRST, LAST, martOf, viewChoice } from './exact/exact-mart.ts'
import { mismatches } from './exact/mismatches.ts'
import { seriesNames } from './exact/series.ts'

/** Over all kinds of series. */
const MARTS = 1_000
const runs = runsOf(Math.ceil(MARTS / seriesNames.length))
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
  // Of tables as small as these, several threads only wait for each other.
  if (testEngine === 'duckdb') await warehouse.run(sql`SET threads = 1`)
})
afterAll(() => warehouse.close())

/** Without facts there is nobody to ask for. */
const someFactsOf = (name: (typeof seriesNames)[number]) => martOf(name).filter((facts) => facts.length > 0)

test.each(seriesNames)(
  'every plan gives the exact windows of %s: rows, training sets, stored moments, feature tables and online',
  { timeout: 600_000 },
  async (name) => {
    await fc.assert(
      fc.asyncProperty(someFactsOf(name), viewChoice, async (facts, choice) => {
        const found = await mismatches(warehouse, buildView(choice), facts, { from: FIRST, to: LAST })
        expect(found.map(({ plan, text }) => `${plan}: ${text}`)).toEqual([])
      }),
      // Every mart takes a third of a second: a failure is made smaller only where somebody waits for it.
      { numRuns: runs, endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
    )
  },
)
