import { nameIn, vectorFields, type FeatureStatus, type OnlineVectors, type ServicePlan } from '@martlet/feature-store'
import type { DeskMetrics } from '../desk-metrics.ts'
import { ageSeconds } from './view-times.ts'
import type { Gap } from './vector-gaps.ts'

/** Counts the rows of one service, their statuses and their ages, because a metric per row would cost more than the row. */
export interface VectorCounts {
  count(vectors: OnlineVectors, row: number, now: bigint, gaps: readonly Gap[]): void
  /** The gaps of a row as pairs of numbers, for `again`. */
  kinds(gaps: readonly Gap[]): readonly number[]
  /** Counts a row whose gaps are such pairs from `first` on. Its ages are counted by `aged`. */
  again(pairs: Int32Array, first: number, count: number): void
  /** Counts the age of a row of a view of the service. */
  aged(view: number, seconds: number): void
  /** Counts rows that were not kept. */
  passed(rows: number): void
  /** Adds what was counted since the last call to the metrics. */
  flush(metrics: DeskMetrics): void
}

const STATUSES: readonly FeatureStatus[] = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE']

/** What was counted of a view or of an on-demand feature. */
interface Counted {
  readonly name: string
  /** Its first place among the counts; one follows for each status. */
  readonly first: number
  fields: number
  /** Seconds; -1 when no row had a time. */
  oldest: number
}

export function vectorCounts(service: ServicePlan): VectorCounts {
  const counted = new Map<string, Counted>()
  const of = (name: string): Counted => {
    const known = counted.get(name) ?? { name, first: counted.size * STATUSES.length, fields: 0, oldest: -1 }
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
  /** By place; what is present is the rest. */
  const missing = new Float64Array(all.length * STATUSES.length)
  let rows = 0
  let passed = 0
  const placeOf = ({ field, status }: Gap): number => (fields[field]?.first ?? 0) + STATUSES.indexOf(status)
  const add = (place: number, count: number): void => {
    missing[place] = (missing[place] ?? 0) + count
  }
  const aged = (index: number, seconds: number): void => {
    const view = views[index]
    if (view !== undefined) view.oldest = Math.max(view.oldest, seconds)
  }
  return {
    count(vectors, row, now, gaps) {
      rows++
      for (let index = 0; index < views.length; index++) {
        const time = vectors.featureTime(row, index)
        if (time !== undefined) aged(index, ageSeconds(time, now))
      }
      for (const gap of gaps) add(placeOf(gap), 1)
    },
    kinds(gaps) {
      const found = new Map<number, number>()
      for (const gap of gaps) found.set(placeOf(gap), (found.get(placeOf(gap)) ?? 0) + 1)
      return [...found].flat()
    },
    again(pairs, first, count) {
      rows++
      for (let index = first; index < first + 2 * count; index += 2) add(pairs[index] ?? 0, pairs[index + 1] ?? 0)
    },
    aged,
    passed(more) {
      passed += more
    },
    flush(metrics) {
      if (passed > 0) metrics.keptRows.inc({ service: service.name, result: 'unkept' }, passed)
      passed = 0
      if (rows === 0) return
      metrics.rows.inc({ service: service.name }, rows)
      for (const one of all) {
        const counts = STATUSES.map((_, status) => missing[one.first + status] ?? 0)
        const present = rows * one.fields - counts.reduce((sum, count) => sum + count, 0)
        for (const [index, status] of STATUSES.entries()) {
          const count = index === 0 ? present : (counts[index] ?? 0)
          if (count > 0) metrics.statuses.inc({ view: one.name, status }, count)
        }
        if (one.oldest >= 0) metrics.featureAge.set({ view: one.name }, one.oldest)
        one.oldest = -1
      }
      rows = 0
      missing.fill(0)
    },
  }
}
