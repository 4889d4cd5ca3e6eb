import type { ColumnType } from '@martlet/warehouse'
import type { AggregatePlan, CombinedPlan } from '../plan/feature-plan.ts'
import { isCombined } from '../vocabulary/aggregates/combinations.ts'
import { doubleOf, type Value } from '../vocabulary/algebra/value.ts'

/** The value of a feature from those of its aggregates, as the SQL of `combinations.ts` makes it. */
export type Combine = (values: readonly Value[], types: readonly ColumnType[]) => Value

/** How the aggregates of a plan are combined; one that is an aggregate itself stays as it is. */
export function combineOf(plan: AggregatePlan | CombinedPlan | undefined): Combine {
  if (plan === undefined || !isCombined(plan)) return ([value = null]) => value
  switch (plan.function) {
    case 'ratio':
      return ([over = null, under = null], [overType, underType]) => {
        const [a, b] = [doubleOf(over, overType), doubleOf(under, underType)]
        if (typeof a !== 'number' || typeof b !== 'number' || b === 0) return null
        return Number.isFinite(a / b) ? a / b : null
      }
    case 'any':
      return ([matching = null]) => typeof matching === 'bigint' && matching > 0n
    case 'all':
      return ([matching = null, rows = null]) => (typeof rows === 'bigint' && rows > 0n ? matching === rows : null)
  }
}
