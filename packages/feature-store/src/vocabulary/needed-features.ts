import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'

/** The view with only these features and those of the same row that they are made of, in plan order. */
export function withFeatures<View extends Omit<ViewPlan, 'hash'>>(view: View, names: Iterable<string>): View {
  const needed = new Set<string>()
  const need = (one: string): void => {
    if (needed.has(one)) return
    needed.add(one)
    const feature = view.features.find((candidate) => candidate.name === one)
    if (feature === undefined) return
    for (const reading of featureKind(feature).reads(feature)) if (reading.of === 'row') need(reading.feature)
  }
  for (const name of names) need(name)
  return { ...view, features: view.features.filter((feature) => needed.has(feature.name)) }
}
