import type { FeaturePlan } from '../plan/feature-plan.ts'
import { featureKind } from './features/list.ts'

/** How a feature is computed, in one line. */
export function featureText(feature: FeaturePlan): string {
  return featureKind(feature).words(feature)
}
