import type { CountedCategories } from '../count/binned-column.ts'
import { KEPT_VALUES } from '../count/scan-categories.ts'
import type { CategoryCount, CategoryProfile, ProfiledColumn } from './reference-profile.ts'

/** How many values are listed first, and drawn. */
export const TOP_VALUES = 50
/**
 * Of a column with more values than can be kept, those with at least this share keep a cell. Keeping the most frequent of many
 * similar ones instead would make chance look like change.
 */
const OWN_CELL_SHARE = 0.01

/** The profile of a category column, from its counts. */
export function categoryProfile(column: ProfiledColumn, counted: CountedCategories): CategoryProfile {
  const ordered = [...counted.counts].map(([value, count]): CategoryCount => ({ value, count })).sort(byCount)
  const present = counted.rows - counted.nulls
  const kept =
    counted.distinct <= KEPT_VALUES ? ordered : ordered.filter(({ count }) => count >= OWN_CELL_SHARE * present)
  return {
    kind: 'category',
    name: column.name,
    type: column.type,
    role: column.role ?? 'feature',
    importance: column.importance ?? 1,
    nulls: counted.nulls,
    top: kept.slice(0, TOP_VALUES),
    rest: kept.slice(TOP_VALUES),
    beyond: counted.beyond + ordered.slice(kept.length).reduce((sum, { count }) => sum + count, 0),
    distinct: counted.distinct,
    ...(counted.weighed === undefined ? {} : { once: counted.weighed.once }),
  }
}

/** Most frequent first, then by UTF-16 code units: the same order on every machine. */
export function byCount(left: CategoryCount, right: CategoryCount): number {
  if (left.count !== right.count) return right.count - left.count
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0
}
