import { nameIn, vectorFields, type FeatureStatus, type OnlineVectors, type ServicePlan } from '@martlet/feature-store'
import type { DeskMetrics } from '../desk-metrics.ts'
import { ageSeconds } from './view-times.ts'
import type { Gap } from './vector-gaps.ts'

/** Counts the rows of one service, their statuses and their ages, because a metric per row would cost more than the row. */
export interface VectorCounts {
  count(vectors: OnlineVectors, row: number, now: bigint, gaps: readonly Gap[]): void
  /** Adds what was counted since the last call to the metrics. */
  flush(metrics: DeskMetrics): void
}

const STATUSES: readonly FeatureStatus[] = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE']

/** What was counted of a view or of an on-demand feature. */
interface Counted {
  readonly name: string
  fields: number
  readonly counts: Record<FeatureStatus, number>
  /** Seconds; -1 when no row had a time. */
  oldest: number
}

export function vectorCounts(service: ServicePlan): VectorCounts {
  const counted = new Map<string, Counted>()
  const of = (name: string): Counted => {
    const known = counted.get(name) ?? {
      name,
      fields: 0,
      counts: { PRESENT: 0, NULL_VALUE: 0, NOT_FOUND: 0, OUTSIDE_MAX_AGE: 0 },
      oldest: -1,
    }
    counted.set(name, known)
    return known
  }
  const views = service.views.map((read) => of(nameIn(read)))
  const fields = vectorFields(service).map(({ view }) => {
    const its = of(view)
    its.fields++
    return its
  })
  const all = [...counted.values()]
  let rows = 0
  return {
    count(vectors, row, now, gaps) {
      rows++
      for (const one of all) one.counts.PRESENT += one.fields
      for (let index = 0; index < views.length; index++) {
        const view = views[index]
        const time = view === undefined ? undefined : vectors.featureTime(row, index)
        if (view !== undefined && time !== undefined) view.oldest = Math.max(view.oldest, ageSeconds(time, now))
      }
      for (const { field, status } of gaps) {
        const counts = fields[field]?.counts
        if (counts === undefined) continue
        counts.PRESENT--
        counts[status]++
      }
    },
    flush(metrics) {
      if (rows === 0) return
      metrics.rows.inc({ service: service.name }, rows)
      rows = 0
      for (const one of all) {
        for (const status of STATUSES) {
          if (one.counts[status] > 0) metrics.statuses.inc({ view: one.name, status }, one.counts[status])
          one.counts[status] = 0
        }
        if (one.oldest >= 0) metrics.featureAge.set({ view: one.name }, one.oldest)
        one.oldest = -1
      }
    },
  }
}
