import type { CategoryCount, CategoryProfile } from '../profile/reference-profile.ts'
import { byCount } from '../profile/category-profile.ts'
import type { CountedCategories } from '../count/binned-column.ts'
import { codeText } from '../count/scan-categories.ts'

/** A category column's values on both sides. */
export interface CategoryCells {
  /** Values of the reference, most frequent first, then those that only the window has. */
  readonly labels: readonly string[]
  readonly reference: readonly number[]
  readonly current: readonly number[]
  /** Rows of both sides whose values are not among the labels: rare values, too many to list. */
  readonly beyond: readonly [reference: number, current: number]
  /** Values that the reference does not have, most frequent first. */
  readonly unseen: readonly CategoryCount[]
  /** Rows with such a value. */
  readonly unseenRows: number
  /** False when the reference has too many values to know all of them. */
  readonly unseenKnown: boolean
}

/** Counts of both sides, cell by cell, over the values that either has. */
export function categoryCells(profile: CategoryProfile, current: CountedCategories): CategoryCells {
  const known = [...profile.top, ...profile.rest].map(({ value, count }) => ({
    value: codeText(value, profile.type),
    count,
  }))
  const names = new Set(known.map(({ value }) => value))
  const unseenKnown = profile.beyond === 0
  const foreign = [...current.counts]
    .filter(([value]) => !names.has(value))
    .map(([value, count]): CategoryCount => ({ value, count }))
    .sort(byCount)
  const foreignRows = current.beyond + foreign.reduce((sum, { count }) => sum + count, 0)
  const unseen = unseenKnown ? foreign : []
  return {
    labels: [...names, ...unseen.map(({ value }) => value)],
    reference: [...known.map(({ count }) => count), ...unseen.map(() => 0)],
    current: [...known.map(({ value }) => current.counts.get(value) ?? 0), ...unseen.map(({ count }) => count)],
    beyond: [profile.beyond, unseenKnown ? current.beyond : foreignRows],
    unseen,
    unseenRows: unseenKnown ? foreignRows : 0,
    unseenKnown,
  }
}
