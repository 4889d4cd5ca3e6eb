import { vectorFields, type FeatureStatus, type OnlineVectors, type ServicePlan } from '@martlet/feature-store'
import type { ServingMetrics } from '../http/metrics.ts'
import { isoInstant } from './instant.ts'

/** Writes what was read for one service as JSON, from fragments cut once, and counts statuses and ages on the way. */
export interface VectorWriter {
  /** `"values":{…},"missing":{…},"times":{…}` of one row. */
  row(vectors: OnlineVectors, row: number, now: bigint): string
  /** The same without the values. */
  notes(vectors: OnlineVectors, row: number, now: bigint): string
  /** Moves what was counted since the last call into the metrics. */
  flush(metrics: ServingMetrics): void
}

const statusNames: readonly FeatureStatus[] = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE']

export function vectorWriter(service: ServicePlan): VectorWriter {
  const fields = vectorFields(service)
  const views = service.views.map(({ view, features }) => ({ name: view.name, size: features.length, label: `${JSON.stringify(view.name)}:` }))
  const missingText = fields.map((field) => statusNames.map((status) => `${JSON.stringify(field.name)}:"${status}"`))
  const counts = new Float64Array(views.length * statusNames.length)
  const oldest = new Float64Array(views.length).fill(-1)
  // Rows of one view mostly share their feature time, so the text of the last one is kept.
  const lastTime: bigint[] = views.map(() => -1n)
  const lastText = views.map(() => '')
  let rows = 0

  function timeText(view: number, time: bigint): string {
    if (lastTime[view] !== time) {
      lastTime[view] = time
      lastText[view] = `{"time":"${isoInstant(time)}","ageSeconds":`
    }
    return lastText[view] ?? ''
  }

  function notes(vectors: OnlineVectors, row: number, now: bigint): string {
    rows++
    let missing = ''
    let times = ''
    let field = 0
    for (let view = 0; view < views.length; view++) {
      const { size = 0, label = '' } = views[view] ?? {}
      const time = vectors.featureTime(row, view)
      if (time === undefined) times += `,${label}null`
      else {
        const age = Number(now - time) / 1e6
        if (age > (oldest[view] ?? 0)) oldest[view] = age
        times += `,${label}${timeText(view, time)}${age}}`
      }
      for (const end = field + size; field < end; field++) {
        const status = statusNames.indexOf(vectors.status(row, field))
        const slot = view * statusNames.length + status
        counts[slot] = (counts[slot] ?? 0) + 1
        if (status !== 0) missing += `,${missingText[field]?.[status]}`
      }
    }
    return `"missing":{${missing.slice(1)}},"times":{${times.slice(1)}}`
  }

  return {
    row: (vectors, row, now) => `"values":${vectors.json(row)},${notes(vectors, row, now)}`,
    notes,
    flush(metrics) {
      if (rows === 0) return
      metrics.rows.inc({ service: service.name }, rows)
      rows = 0
      views.forEach(({ name }, view) => {
        statusNames.forEach((status, index) => {
          const slot = view * statusNames.length + index
          const count = counts[slot] ?? 0
          if (count > 0) metrics.statuses.inc({ view: name, status }, count)
          counts[slot] = 0
        })
        const age = oldest[view] ?? -1
        if (age >= 0) metrics.featureAge.set({ view: name }, age)
        oldest[view] = -1
      })
    },
  }
}
