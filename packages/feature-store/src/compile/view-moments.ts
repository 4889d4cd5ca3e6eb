import type { ViewPlan } from '../plan/view-plan.ts'
import { grainOf } from './grain.ts'
import { digest, type MomentTable } from './moment-table.ts'
import { tileMomentsOf } from './tile-values.ts'

/** What a view would read; undefined when its features are not made of tiles (another source, arrival times). */
export function momentTableOf(view: ViewPlan): MomentTable | undefined {
  if (view.source?.kind !== 'fact' || view.source.knownAt !== null || view.entity.keys.length === 0) return undefined
  const grain = grainOf(view)
  const { source: fact, entity } = view
  const name = digest([fact, entity, grain])
  return { table: `features_internal.moments_${name.slice(0, 16)}`, fact, entity, grain, moments: tileMomentsOf(view) }
}

