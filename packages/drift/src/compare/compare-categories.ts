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
  /** The values of the reference, most frequent first, then what is not among them: `(unseen)`, or `(other)` when not all are known. */
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
  const known = [...profile.top, ...profile.rest]
  const names = new Set(known.map(({ value }) => value))
  const unseenKnown = profile.beyond === 0
  const currentKnown = known.map(({ value }) => current.counts.get(value) ?? 0)
  const foreignRows = total([...current.counts.values()]) + current.beyond - total(currentKnown)
  const unseen = unseenKnown ? [...current.counts].filter(([value]) => !names.has(value)).map(([value, count]): CategoryCount => ({ value, count })).sort(byCount) : []
  const extra = unseenKnown ? foreignRows > 0 : foreignRows + profile.beyond > 0
  return {
    labels: [...names, ...(extra ? [unseenKnown ? '(unseen)' : '(other)'] : [])],
    reference: [...known.map(({ count }) => count), ...(extra ? [profile.beyond] : [])],
    current: [...currentKnown, ...(extra ? [foreignRows] : [])],
    unseen,
    unseenRows: unseenKnown ? foreignRows : 0,
    unseenKnown,
  }
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** All metrics of a category column in one window. */
export function compareCategories(cells: CategoryCells): readonly Metric[] {
  const { reference, current } = cells
  return [jsDistance(reference, current), chiSquare(reference, current), psi(reference, current), ...reportOnly(reference, current)]
}
