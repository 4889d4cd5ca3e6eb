import type { ViewPlan } from '../plan/view-plan.ts'
import { attributesOf } from './sources/list.ts'

/** The dimension that decides who has rows; null: whoever has a fact before T, or a row in a view that is read. */
export function populationOf({ population, source }: ViewPlan): ViewPlan['population'] {
  return population ?? attributesOf(source) ?? null
}
