import type { ViewPlan } from '../plan/view-plan.ts'
import { viewSources } from '../vocabulary/view-sources.ts'
import { featureTable } from './feature-table.ts'

/** The views in groups, none of which reads rows that a later group writes. */
export function viewStages(views: readonly ViewPlan[]): readonly (readonly ViewPlan[])[] {
  const stages: (readonly ViewPlan[])[] = []
  for (let left = views; left.length > 0;) {
    const free = left.filter((view) => basesOf(view, left).length === 0)
    // Views that read each other have no order; they come last, as they were given.
    const stage = free.length > 0 ? free : left
    stages.push(stage)
    left = left.filter((view) => !stage.includes(view))
  }
  return stages
}

/** Those of `views` whose rows a view reads, from the feature table or from `ml.<view>_latest`. */
export function basesOf(view: ViewPlan, views: readonly ViewPlan[]): readonly ViewPlan[] {
  const tables = new Set(viewSources(view).map(({ source }) => source.table.toLowerCase()))
  return views.filter(
    (other) =>
      other !== view &&
      (tables.has(featureTable(other).toLowerCase()) || tables.has(`ml.${other.name}_latest`.toLowerCase())),
  )
}
