import type { SourcePlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { eventsOf, sourceKind, viewsOf } from '../vocabulary/sources/list.ts'
import { computedOf } from '../vocabulary/sources/computed.ts'
import { viewAggregates } from '../vocabulary/view-aggregates.ts'
import { ownSources, sourceIdentity } from '../vocabulary/view-sources.ts'
import type { TableScan } from './table-scan.ts'

export interface ScanRange {
  /** Event times from here on; null: from the beginning. */
  readonly from: bigint | null
  /** Event times before this; null: to the end. */
  readonly to: bigint | null
  readonly now: bigint
}

/**
 * The sources that a view reads, with the rows of each that matter for a range of feature times. Of the views that it
 * reads those named in `checked` are left out, because they are checked themselves.
 */
export function viewScans(view: ViewPlan, range: ScanRange, checked?: ReadonlySet<string>): readonly TableScan[] {
  const read = (viewsOf(view.source)?.views ?? []).filter(({ name }) => checked?.has(name) !== true)
  const scans = [
    ...ownSources(view).map(({ source }) => scanOf(view, source, range)),
    ...read.flatMap((one) => viewScans(one, range, checked)),
  ]
  return [...new Map(scans.map((scan) => [sourceIdentity(scan.source), scan])).values()]
}

/** Whether each step of a view brings rows of a table; of a fact that windows only begin with, none may come for long. */
export function expectsRows({ source }: ViewPlan, table: string): boolean {
  const views = viewsOf(source)?.views
  return views === undefined ? source?.table === table : views.some((view) => expectsRows(view, table))
}

function scanOf(view: ViewPlan, source: SourcePlan, range: ScanRange): TableScan {
  const roles = sourceKind(source).roles(source, view.entity)
  const all = { from: null, to: null, now: range.now }
  return { source: withExpressions(view, source), ...roles, ...(roles.time === null ? all : range) }
}

/** A source with the expressions that features of the view are of. */
function withExpressions(view: ViewPlan, source: SourcePlan): SourcePlan {
  if (source !== view.source || eventsOf(source) === undefined) return source
  const own = new Map(
    viewAggregates(view)
      .flatMap(({ computed = [] }) => computed)
      .map((column) => [column.name, column]),
  )
  if (own.size === 0) return source
  const computed = [...computedOf(source), ...own.values()]
  return Object.assign({ ...source }, { computed })
}
