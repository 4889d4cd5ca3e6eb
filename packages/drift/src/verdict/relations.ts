import { WEAKEST } from '../profile/correlation.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'

/** What is known of how columns belong together. */
export interface Relations {
  /** Whether two columns move together: the same lineage, or correlated in the reference. */
  related(a: string, b: string): boolean
  /** Whether all that one of them is computed from goes into the other, too. */
  sameLineage(a: string, b: string): boolean
}

/** Columns of one view go together from this correlation on, others from {@link ACROSS_VIEWS}. */
const WITHIN_VIEW = Math.max(0.5, WEAKEST)
const ACROSS_VIEWS = 0.7

export function relationsOf({ columns, correlation }: Pick<ReferenceProfile, 'columns' | 'correlation'>): Relations {
  const inputs = new Map(columns.map(({ name, sources = [] }) => [name, new Set(sources.flatMap(inputNames))]))
  const strength = new Map<string, number>()
  const names = correlation?.columns ?? []
  for (const [i, j, r] of correlation?.pairs ?? []) {
    strength.set(pair(names[i] ?? '', names[j] ?? ''), Math.abs(r))
    strength.set(pair(names[j] ?? '', names[i] ?? ''), Math.abs(r))
  }
  const given = new Map(columns.map(({ name, derived }) => [name, derived?.of ?? name]))
  const sameLineage = (a: string, b: string): boolean => {
    if (given.has(a) && given.get(a) === given.get(b)) return true
    const [left, right] = [inputs.get(a) ?? new Set<string>(), inputs.get(b) ?? new Set<string>()]
    return left.size > 0 && right.size > 0 && (within(left, right) || within(right, left))
  }
  return {
    sameLineage,
    related: (a, b) => {
      if (sameLineage(a, b)) return true
      const least = viewOf(a) !== null && viewOf(a) === viewOf(b) ? WITHIN_VIEW : ACROSS_VIEWS
      return (strength.get(pair(a, b)) ?? 0) >= least
    },
  }
}

/** The view of a column called `view__feature`; null of others. */
export function viewOf(column: string): string | null {
  const end = column.indexOf('__')
  return end < 1 ? null : column.slice(0, end)
}

function within(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((name) => outer.has(name))
}

function inputNames({ table, columns }: { readonly table: string; readonly columns: readonly string[] }): string[] {
  return columns.length === 0 ? [`${table}.*`] : columns.map((column) => `${table}.${column}`)
}

function pair(a: string, b: string): string {
  return JSON.stringify([a, b])
}
