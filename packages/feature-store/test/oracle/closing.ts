import { isContinuous, type ViewPlan } from '../../src/plan/view-plan.ts'
import { time } from './events.ts'
import type { KnownSource, OracleMart } from './mart.ts'

/** The instant that closes the windows of a view at t: t, or just after the newest event of its fact that had arrived by then. */
export function closedAt(mart: OracleMart, view: Pick<ViewPlan, 'grid' | 'source'>, t: number): number {
  const source = view.source as KnownSource
  if (!isContinuous(view) || view.grid.clock === 'wall' || source?.kind !== 'fact') return t
  const { eventTime, knownAt } = source
  const arrived = (mart.tables[source.table] ?? []).filter((row) => {
    const at = row[knownAt ?? eventTime]
    return typeof at === 'number' && at <= t
  })
  const newest = Math.max(...arrived.map((row) => time(row, eventTime)))
  return arrived.length === 0 ? t : Math.min(t, newest + 1)
}

/** Where a window of a length begins whose start moves in steps. */
export function steppedStart(
  closed: number,
  { length, hop }: { readonly length: number; readonly hop: number },
): number {
  const exact = closed - length
  return exact - (((exact % hop) + hop) % hop)
}
