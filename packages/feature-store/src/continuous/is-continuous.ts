import type { ViewPlan } from '../plan/view-plan.ts'

export function isContinuous({ grid }: Pick<ViewPlan, 'grid'>): boolean {
  return String(grid.every) === 'continuous'
}
