import type { EntityPlan, SourcePlan } from './source-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/**
 * The rows of other views as they would have been served: of each view the newest one with T' + delay' <= T + delay.
 * `columns` are features of theirs, and `table` names their feature tables.
 */
export interface ViewsPlan extends SourcePlan {
  readonly kind: 'views'
  readonly entity: EntityPlan
  readonly views: readonly ViewPlan[]
}

/** Where a column of such a source comes from. */
export interface ViewColumn {
  readonly view: ViewPlan
  readonly feature: string
}

/** The name of a column: the feature's, with the view in front of it where there are several. */
export function viewColumnName(views: readonly unknown[], view: string, feature: string): string {
  return views.length === 1 ? feature : `${view}__${feature}`
}

/** The columns of such a source by name, those that are not declared too. */
export function viewColumns({ views }: Pick<ViewsPlan, 'views'>): ReadonlyMap<string, ViewColumn> {
  return new Map(
    views.flatMap((view) =>
      view.features.map(({ name: feature }) => [viewColumnName(views, view.name, feature), { view, feature }]),
    ),
  )
}
