import type { AggregatePlan } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'

/** The aggregates that the features of a view are made of. */
export function viewAggregates(view: ViewPlan): readonly AggregatePlan[] {
  return view.features.flatMap((feature) => {
    const kind = featureKind(feature)
    return kind.stage === 'facts' ? kind.parts(feature).map(({ plan }) => plan) : []
  })
}
