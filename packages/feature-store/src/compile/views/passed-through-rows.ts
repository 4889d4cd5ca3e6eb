import { sql, type Sql } from '@martlet/warehouse'
import type { PrecomputedPlan } from '../../plan/source-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { entityTable } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { passedThroughAsOf } from '../passed-through.ts'
import type { Scope } from '../scope.ts'
import type { ViewValues } from '../strategy.ts'

/**
 * `(e, t, features)` at the points of a scope, of a view whose rows have times of their own: the newest row that was
 * there at T + delay and was not older than its ttl.
 */
export function passedThroughRows(
  scope: Scope,
  { view, prefix, points }: { readonly view: ViewPlan; readonly prefix: string; readonly points: Sql },
  source: PrecomputedPlan,
): ViewValues {
  const { leaves } = scope
  const keyed = sql.id(`${prefix}_keyed`)
  const numbered = sql`
    SELECT ROW_NUMBER() OVER (ORDER BY e, t) AS spine_row, e, t, t + ${integer(scope.view.delay)} AS us
    FROM ${points}
  `
  const newest = passedThroughAsOf(leaves, view, source, keyed, { table: entityTable(scope), column: sql`e` })
  const features = view.features.map(({ name }) => sql.id('s', name))
  const fresh = view.ttl === null ? sql`` : sql` AND k.us - s.t <= ${integer(view.ttl)}`
  return {
    tables: [{ name: keyed, rows: numbered }],
    values: sql`
      SELECT ${sql.join([sql`k.e AS e`, sql`k.t AS t`, ...features])}
      FROM ${keyed} k
      JOIN (${newest}) s ON s.spine_row = k.spine_row
      WHERE s.t IS NOT NULL${fresh}
    `,
  }
}
