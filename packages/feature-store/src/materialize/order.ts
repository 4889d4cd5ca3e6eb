import type { ViewPlan } from '../plan/view-plan.ts'
import { viewsOf } from '../vocabulary/sources/list.ts'
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

/** Those of `views` that a view reads, by their names or from their tables. */
export function basesOf(view: ViewPlan, views: readonly ViewPlan[]): readonly ViewPlan[] {
  const read = new Set(viewsOf(view.source)?.views.map(({ name }) => name))
  const tables = tableBasesOf(view, views)
  return views.filter((other) => other !== view && (read.has(other.name) || tables.includes(other)))
}

/** Those of `views` whose rows a view reads as a table: the feature table, or `ml.<view>_latest`. */
export function tableBasesOf(view: ViewPlan, views: readonly ViewPlan[]): readonly ViewPlan[] {
  const tables = new Set(viewSources(view).map(({ source }) => source.table.toLowerCase()))
  return views.filter(
    (other) =>
      other !== view &&
      (tables.has(featureTable(other).toLowerCase()) || tables.has(`ml.${other.name}_latest`.toLowerCase())),
  )
}
