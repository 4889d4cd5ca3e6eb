import { tableRef } from '@martlet/warehouse'
import { gridCeiling } from '../../plan/time/grid-search.ts'
import { servedFeatureTime } from '../../plan/time/grid.ts'
import { featureColumns, featureTable, newestRows } from '../feature-table.ts'
import { decideComputed, type Situation } from '../work.ts'
import { publishComputed } from './publish-computed.ts'
import type { RowWriter } from './row-writer.ts'
import { stepsOf } from '../../plan/view-plan.ts'

/**
 * Times before 1900 (µs) are mostly typing errors or sentinels; a first run begins with later times where there are
 * any.
 */
export const EARLIEST_START = -2_208_988_800_000_000n

/** Computes rows at feature times, writes them to `features.<view>` and publishes them from there. */
export const computed: RowWriter = {
  ownTable: true,
  likelyAfter: EARLIEST_START,
  closedBefore: (view, now) => gridCeiling(stepsOf(view), servedFeatureTime(stepsOf(view), view.delay, now) + 1n),
  firstTime: (view, oldest) => gridCeiling(stepsOf(view), oldest),
  decide: (situation) => decideComputed(onGrid(situation)),
  latestRows: (_, view) => {
    const columns = featureColumns(view).map(({ name }) => name)
    const shown = columns.filter((name) => name !== 'run_id')
    return newestRows(view, tableRef(featureTable(view)), shown, 'any order')
  },
  publish: (run, { online, signal }) => publishComputed(run, online, signal),
}

/** A range that was asked for begins and ends with feature times: between two of them there is nothing to write. */
function onGrid(situation: Situation): Situation {
  const next = (t: bigint | undefined): bigint | undefined =>
    t === undefined ? undefined : gridCeiling(stepsOf(situation.view), t)
  return { ...situation, from: next(situation.from), to: next(situation.to) }
}
