import type { FeatureStatus, OnlineVectors, ServicePlan } from '@martlet/feature-store'
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

export function vectorCounts(service: ServicePlan): VectorCounts {
  let to = 0
  const views = service.views.map(({ view, features }) => {
    to += features.length
    return {
      name: view.name,
      fields: features.length,
      /** The view's fields end before this one. */
      to,
      counts: { PRESENT: 0, NULL_VALUE: 0, NOT_FOUND: 0, OUTSIDE_MAX_AGE: 0 },
      /** Seconds; -1 when no row had a time. */
      oldest: -1,
    }
  })
  let rows = 0
  return {
    count(vectors, row, now, gaps) {
      rows++
      for (let index = 0; index < views.length; index++) {
        const view = views[index]
        if (view === undefined) continue
        view.counts.PRESENT += view.fields
        const time = vectors.featureTime(row, index)
        if (time !== undefined) view.oldest = Math.max(view.oldest, ageSeconds(time, now))
      }
      for (const { field, status } of gaps) {
        const counts = views.find((view) => field < view.to)?.counts
        if (counts === undefined) continue
        counts.PRESENT--
        counts[status]++
      }
    },
    flush(metrics) {
      if (rows === 0) return
      metrics.rows.inc({ service: service.name }, rows)
      rows = 0
      for (const view of views) {
        for (const status of STATUSES) {
          if (view.counts[status] > 0) metrics.statuses.inc({ view: view.name, status }, view.counts[status])
          view.counts[status] = 0
        }
        if (view.oldest >= 0) metrics.featureAge.set({ view: view.name }, view.oldest)
        view.oldest = -1
      }
    },
  }
}
