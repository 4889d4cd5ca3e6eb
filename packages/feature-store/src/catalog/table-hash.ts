import { viewHash } from '../plan/plan-hash.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** SHA-256 of what changes the rows in a view's table: its hash without `ttl`, which only readers apply. */
export function tableHash(view: ViewPlan): string {
  const { hash: _, ...plan } = view
  return viewHash({ ...plan, ttl: null })
}
