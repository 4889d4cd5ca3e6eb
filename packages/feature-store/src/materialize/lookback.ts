import { readsNeighbours, windowFeatures } from '../compile/window-feature.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { grainOf } from '../vocabulary/grain.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { windowKind } from '../vocabulary/windows/list.ts'

/** How far back the row of a feature time reads facts, in microseconds, at least one tile; null: without limit. */
export function lookback(view: ViewPlan): bigint | null {
  const events = eventsOf(view.source)
  let longest = BigInt(grainOf(view))
  for (const feature of windowFeatures(view.features)) {
    for (const { kind, plan, window } of feature.parts) {
      // An interval of long ago may still last.
      if (kind.spans === true) return null
      if (events !== undefined && readsNeighbours(events, plan)) return null
      const reach = windowKind(window).reach(window)
      if (reach === null) return null
      if (BigInt(reach) > longest) longest = BigInt(reach)
    }
  }
  return longest
}
