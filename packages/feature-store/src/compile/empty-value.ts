import { sql, type Sql } from '@martlet/warehouse'
import type { WindowFeature } from '../plan/feature-plan.ts'

/** An empty window is 0 for counts and sums and null for the rest. */
export function emptyValue(feature: WindowFeature, value: Sql): Sql {
  if (feature.kind === 'age') return value
  const name = feature.aggregate.function
  return name === 'count' || name === 'sum' || name === 'distinct' ? sql`COALESCE(${value}, 0)` : value
}
