import type { EventsPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** The fact that a continuous view aggregates. */
export function factOf({ name, source }: Pick<ViewPlan, 'name' | 'source'>): EventsPlan {
  if (source === null || !('eventTime' in source)) throw new Error(`${name} is not a view of a fact`)
  return source as EventsPlan
}
