import { tableRef } from '@martlet/warehouse'
import { gridCeiling } from '../../plan/time/grid-search.ts'
import { servedFeatureTime } from '../../plan/time/grid.ts'
import { featureColumns, featureTable, newestRows } from '../feature-table.ts'
import { decideComputed } from '../work.ts'
import { publishComputed } from './publish-computed.ts'
import type { RowWriter } from './row-writer.ts'

/**
 * Times before 1900 (µs) are mostly typing errors or sentinels; a first run begins with later times where there are
 * any.
 */
export const EARLIEST_START = -2_208_988_800_000_000n

/** Computes rows at feature times, writes them to `features.<view>` and publishes them from there. */
export const computed: RowWriter = {
  ownTable: true,
  likelyAfter: EARLIEST_START,
  closedBefore: (view, now) => gridCeiling(view.grid, servedFeatureTime(view.grid, view.delay, now) + 1n),
  firstTime: (view, oldest) => gridCeiling(view.grid, oldest),
  decide: decideComputed,
  latestRows: (_, view) => {
    const columns = featureColumns(view).map(({ name }) => name)
    const shown = columns.filter((name) => name !== 'run_id')
    return newestRows(view, tableRef(featureTable(view)), shown, 'any order')
  },
  publish: (run, { online, signal }) => publishComputed(run, online, signal),
}
