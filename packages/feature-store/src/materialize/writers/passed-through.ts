import type { Leaves, Sql } from '@martlet/warehouse'
import { FIRST_INSTANT } from '../../catalog/instant.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { passedThroughOf } from '../../vocabulary/sources/list.ts'
import { createLatestView } from '../feature-table-ddl.ts'
import { limitOf, type Situation, type ViewWork } from '../work.ts'
import { newestRowsOf } from './passed-through-rows.ts'
import { publishPassedThrough } from './publish-passed-through.ts'
import type { RowWriter } from './row-writer.ts'

/** Passes rows of a precomputed table through: nothing is written, and the newest row of every key is published. */
export const passedThrough: RowWriter = {
  ownTable: false,
  likelyAfter: FIRST_INSTANT,
  closedBefore: (view, now) => now - BigInt(view.delay) + 1n,
  firstTime: (_, oldest) => oldest,
  decide,
  latestRows,
  publish: async (run, { online, work, now, signal }) => {
    await createLatestView(run.warehouse, run.view, latestRows(run.warehouse.leaves, run.view))
    const range = work.action === 'write' ? { from: work.start, to: work.to } : null
    return publishPassedThrough(run, online, range, now, signal)
  },
}

async function decide(situation: Situation): Promise<ViewWork> {
  const limit = limitOf(situation)
  const {
    view,
    state: { covered },
  } = situation
  const same = covered !== null && covered.hash === situation.hash ? covered : null
  // Rows may be added and corrected for any time, so all of them are read again.
  const from = situation.from ?? (await situation.earliest())
  if (from === undefined) return { action: 'nothing', reason: `${view.source?.table} has no rows` }
  if (from >= limit || (same !== null && situation.from === undefined && limit <= same.watermark))
    return { action: 'nothing', reason: 'no newer row is closed yet' }
  const reason =
    same === null
      ? 'first publication'
      : situation.from === undefined
        ? 'the newest row of every key, also where it was added or corrected since the last run'
        : 'the range that was asked for'
  return { action: 'write', from, to: limit, start: from, fresh: false, reason }
}

function latestRows(leaves: Leaves, view: ViewPlan): Sql {
  const source = passedThroughOf(view.source)
  if (source === undefined) throw new Error(`the rows of view ${view.name} are computed, not passed through`)
  return newestRowsOf(leaves, view, source, null)
}
