import { sourceKeys, type DimensionPlan, type SourcePlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { TableScan } from './table-scan.ts'

export interface ScanRange {
  /** Event times from here on; null: from the beginning. */
  readonly from: bigint | null
  /** Event times before this; null: to the end. */
  readonly to: bigint | null
  readonly now: bigint
}

/** The tables that a view reads, with the rows of each that matter for a range of feature times. */
export function viewScans(view: ViewPlan, range: ScanRange): readonly TableScan[] {
  const dimensions = [
    ...(view.population === null ? [] : [view.population]),
    ...view.features.flatMap((feature): DimensionPlan[] => (feature.kind === 'attribute' ? [feature.dimension] : [])),
  ]
  const sources = [...(view.source === null ? [] : [view.source]), ...dimensions]
  const scans = new Map<string, TableScan>()
  for (const source of sources) if (!scans.has(source.table)) scans.set(source.table, scanOf(view, source, range))
  return [...scans.values()]
}

function scanOf(view: ViewPlan, source: SourcePlan, range: ScanRange): TableScan {
  const all = { source, time: null, from: null, to: null, now: range.now }
  switch (source.kind) {
    case 'fact': {
      const keys = new Set(source.entities.flatMap((entity) => sourceKeys(source, entity)))
      const identity = [...keys, source.eventTime, ...(source.sequence === null ? [] : [source.sequence])]
      return {
        source,
        time: source.eventTime,
        ...range,
        always: [...sourceKeys(source, view.entity), source.eventTime],
        identity,
      }
    }
    case 'precomputed': {
      const keys = sourceKeys(source, source.entity)
      return {
        source,
        time: source.time,
        ...range,
        always: [...keys, source.time],
        identity: [...keys, source.time, ...(source.created === null ? [] : [source.created])],
      }
    }
    case 'dimension': {
      const keys = sourceKeys(source, source.entity)
      const from = source.validFrom === null ? [] : [source.validFrom]
      return { ...all, always: [...keys, ...from], identity: [...keys, ...from] }
    }
  }
}
