import { viewHash } from '../vocabulary/plan-hash.ts'
import { inNamesOf } from '../vocabulary/same-values.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** SHA-256 of what changes the rows in a view's table: its hash without `ttl`, which only readers apply. */
export function tableHash(view: Omit<ViewPlan, 'hash'>): string {
  const { hash: _, ...plan }: Omit<ViewPlan, 'hash'> & { readonly hash?: string } = view
  return viewHash({ ...plan, ttl: null })
}

/** Whether a table of the one holds the rows of the other, under other names at most. */
export function isOnlyRenamed(before: Omit<ViewPlan, 'hash'>, after: Omit<ViewPlan, 'hash'>): boolean {
  return tableHash(before) === tableHash(inNamesOf(after, before))
}
