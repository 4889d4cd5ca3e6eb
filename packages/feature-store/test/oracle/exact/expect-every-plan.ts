import process from 'node:process'
import type { Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, testEngine, viewsOf } from '../../../../warehouse/test/support/engine.ts'
import { buildView, FIRST, LAST, martsOf, viewChoice } from './exact-mart.ts'
import { mismatches } from './mismatches.ts'
import { seriesNames, type SeriesName } from './series.ts'

/** Over all kinds of series. */
const MARTS = 1_000
/** So many marts are asked for the same view at once. */
const MARTS_A_VIEW = testEngine === 'duckdb' ? 29 : 16

/** Random marts of each series: every plan must give the exact windows. A file takes a few series, so that files share the time. */
export function expectEveryPlan(names: readonly SeriesName[]): void {
  const asked = viewsOf(Math.ceil(MARTS / seriesNames.length), MARTS_A_VIEW)
  const { views, together } = testEngine === 'duckdb' ? asked : { views: 1, together: MARTS_A_VIEW }
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
  })
  afterAll(() => warehouse.close())
  test.each(names)(
    'every plan gives the exact windows of %s: rows, training sets, stored moments, feature tables and online',
    { timeout: 600_000 },
    async (name) => {
      await fc.assert(
        fc.asyncProperty(martsOf(name, together), viewChoice, async (rows, choice) => {
          const found = await mismatches(warehouse, buildView(choice), rows, { from: FIRST, to: LAST })
          expect(found.map(({ plan, text }) => `${plan}: ${text}`)).toEqual([])
        }),
        // A view takes a second: a failure is made smaller only where somebody waits for it.
        { numRuns: views, endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
      )
    },
  )
}
