import type { ViewPlan } from '../plan/view-plan.ts'
import { grainOf } from './grain.ts'
import { digest, type MomentTable } from './moment-table.ts'
import { tileMomentsOf } from './tile-values.ts'

/** What a view would read; undefined when its features are not made of tiles (another source, arrival times). */
export function momentTableOf(view: ViewPlan): MomentTable | undefined {
  if (view.source?.kind !== 'fact' || view.source.knownAt !== null || view.entity.keys.length === 0) return undefined
  const grain = grainOf(view)
  const { source: fact, entity } = view
  const base = `features_internal.moments_${digest([fact, entity, grain]).slice(0, 16)}`
  return { table: base, base, fact, entity, grain, moments: tileMomentsOf(view) }
}
