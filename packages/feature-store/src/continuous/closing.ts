import type { Border } from './summary.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/**
 * The instant (µs) that closes a continuous view's windows at `now`: of one whose clock is the newest event, 1 µs behind the
 * newest of the times that are known, and never later than now.
 */
export function closing(
  { grid }: Pick<ViewPlan, 'grid'>,
  known: readonly (bigint | null | undefined)[],
  now: bigint,
): Border {
  const times = known.flatMap((time) => time ?? [])
  if (!('clock' in grid) || grid.clock !== 'newest event' || times.length === 0) return { closedAt: now, by: now }
  const newest = times.reduce((a, b) => (b > a ? b : a)) + 1n
  return { closedAt: newest < now ? newest : now, by: now }
}
