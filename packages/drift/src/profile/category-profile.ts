import type { CountedCategories } from '../count/binned-column.ts'
import { keptValues } from '../count/scan-categories.ts'
import type { CategoryCount, CategoryProfile, ProfiledColumn } from './reference-profile.ts'

/** Values that are listed first, and drawn. */
export const topValues = 50
/** With more values than can be kept, those with at least this share keep a cell; picking the most frequent ones of many alike would make chance look like change. */
const ownCellShare = 0.01

/** Puts a category column's profile together from its counts. */
export function categoryProfile(column: ProfiledColumn, counted: CountedCategories): CategoryProfile {
  const ordered = [...counted.counts].map(([value, count]): CategoryCount => ({ value, count })).sort(byCount)
  const present = counted.rows - counted.nulls
  const kept = counted.distinct <= keptValues ? ordered : ordered.filter(({ count }) => count >= ownCellShare * present)
  return {
    kind: 'category',
    name: column.name,
    type: column.type,
    role: column.role ?? 'feature',
    importance: column.importance ?? 1,
    nulls: counted.nulls,
    top: kept.slice(0, topValues),
    rest: kept.slice(topValues),
    beyond: present - kept.reduce((sum, { count }) => sum + count, 0),
    distinct: counted.distinct,
  }
}

/** Most frequent first, then by UTF-16 code units: the same order on every machine. */
export function byCount(left: CategoryCount, right: CategoryCount): number {
  if (left.count !== right.count) return right.count - left.count
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0
}
