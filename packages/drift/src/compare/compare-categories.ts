import type { CategoryCount, CategoryProfile } from '../profile/reference-profile.ts'
import { byCount } from '../profile/category-profile.ts'
import type { CountedCategories } from './binned-column.ts'
import type { Metric } from './metric.ts'
import { chiSquare } from './metrics/chi-square.ts'
import { jsDistance } from './metrics/js-distance.ts'
import { psi } from './metrics/psi.ts'
import { reportOnly } from './metrics/report-only.ts'

/** A category column's cells on both sides, in the reference's order. */
export interface CategoryCells {
  /** The frequent values of the reference, then `other` and `unseen` where they occur. */
  readonly labels: readonly string[]
  readonly reference: readonly number[]
  readonly current: readonly number[]
  /** Values that the reference does not have, most frequent first. */
  readonly unseen: readonly CategoryCount[]
  /** Rows with such a value. */
  readonly unseenRows: number
  /** False when the reference has too many values to know all of them. */
  readonly unseenKnown: boolean
}

/** Puts both sides on the reference's cells. */
export function categoryCells(profile: CategoryProfile, current: CountedCategories): CategoryCells {
  const top = new Set(profile.top.map(({ value }) => value))
  const rest = new Set(profile.rest.map(({ value }) => value))
  const unseenKnown = profile.distinct === top.size + rest.size
  const foreign = [...current.counts].filter(([value]) => !top.has(value) && !rest.has(value)).map(([value, count]): CategoryCount => ({ value, count }))
  const unseen = unseenKnown ? foreign.sort(byCount) : []
  const sum = (counts: readonly CategoryCount[]): number => counts.reduce((total, { count }) => total + count, 0)
  const unseenRows = sum(unseen)
  const total = [...current.counts.values()].reduce((all, count) => all + count, 0) + current.beyond
  const currentTop = profile.top.map(({ value }) => current.counts.get(value) ?? 0)
  const currentOther = total - unseenRows - currentTop.reduce((all, count) => all + count, 0)
  const referenceOther = sum(profile.rest) + profile.beyond
  const hasOther = referenceOther + currentOther > 0
  return {
    labels: [...profile.top.map(({ value }) => value), ...(hasOther ? ['(other)'] : []), ...(unseenRows > 0 ? ['(unseen)'] : [])],
    reference: [...profile.top.map(({ count }) => count), ...(hasOther ? [referenceOther] : []), ...(unseenRows > 0 ? [0] : [])],
    current: [...currentTop, ...(hasOther ? [currentOther] : []), ...(unseenRows > 0 ? [unseenRows] : [])],
    unseen,
    unseenRows,
    unseenKnown,
  }
}

/** All metrics of a category column in one window. */
export function compareCategories(cells: CategoryCells): readonly Metric[] {
  const { reference, current } = cells
  return [jsDistance(reference, current), chiSquare(reference, current), psi(reference, current), ...reportOnly(reference, current)]
}
