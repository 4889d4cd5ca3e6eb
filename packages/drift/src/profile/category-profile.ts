import type { CountedCategories } from '../compare/binned-column.ts'
import type { CategoryCount, CategoryProfile, ProfiledColumn } from './reference-profile.ts'

/** Values that get a cell of their own. */
export const topValues = 50
/** Values whose names are kept, so that an unseen one is recognised. */
export const keptValues = 1000

/** Puts a category column's profile together from its counts. */
export function categoryProfile(column: ProfiledColumn, counted: CountedCategories): CategoryProfile {
  const ordered = [...counted.counts].map(([value, count]): CategoryCount => ({ value, count })).sort(byCount)
  const known = counted.distinct <= keptValues
  return {
    kind: 'category',
    name: column.name,
    type: column.type,
    role: column.role ?? 'feature',
    importance: column.importance ?? 1,
    nulls: counted.nulls,
    top: ordered.slice(0, topValues),
    rest: known ? ordered.slice(topValues) : [],
    beyond: counted.beyond + (known ? 0 : ordered.slice(topValues).reduce((sum, { count }) => sum + count, 0)),
    distinct: counted.distinct,
  }
}

/** Most frequent first, then by UTF-16 code units: the same order on every machine. */
export function byCount(left: CategoryCount, right: CategoryCount): number {
  if (left.count !== right.count) return right.count - left.count
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0
}
