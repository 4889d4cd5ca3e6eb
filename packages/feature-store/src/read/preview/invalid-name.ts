import { MartletError, nearestName } from '@martlet/warehouse'
import type { ViewPlan } from '../../plan/view-plan.ts'

export function invalidName({ name, features }: ViewPlan, feature: string): MartletError {
  const names = features.map((one) => one.name)
  const near = nearestName(feature, names)
  const hint = near === undefined ? `It has ${names.slice(0, 20).join(', ')}.` : `Did you mean ${near}?`
  return new MartletError('UNKNOWN_FEATURE', `View ${name} has no feature ${JSON.stringify(feature)}. ${hint}`, {
    data: { view: name, feature },
  })
}
