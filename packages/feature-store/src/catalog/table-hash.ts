import { viewHash } from '../vocabulary/plan-hash.ts'
import { inNamesOf } from '../vocabulary/same-values.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/**
 * SHA-256 of everything that changes the rows in a view's table: the view's hash without `ttl`, which only readers
 * apply.
 */
export function tableHash(view: Omit<ViewPlan, 'hash'>): string {
  const { hash: _, ...plan }: Omit<ViewPlan, 'hash'> & { readonly hash?: string } = view
  return viewHash({ ...plan, ttl: null })
}

/** Whether the tables of both definitions hold the same rows, apart from names. */
export function isOnlyRenamed(before: Omit<ViewPlan, 'hash'>, after: Omit<ViewPlan, 'hash'>): boolean {
  return tableHash(before) === tableHash(inNamesOf(after, before))
}
