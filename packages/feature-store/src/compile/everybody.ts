import { sql, type Sql } from '@martlet/warehouse'
import { entityTable, sameEntity } from '../vocabulary/algebra/frame.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { allEntities } from './entities.ts'
import { pointTable, type Scope } from './scope.ts'
import type { ViewValues } from './strategy.ts'

/** Whether a row depends on those of everybody at its feature time. */
export function readsEverybody({ features }: ViewPlan): boolean {
  return features.some((feature) => featureKind(feature).stage === 'everybody')
}

/**
 * The values of some points, computed with those of everybody at their feature times: a spine's customers have the ranks
 * that they have among all customers.
 */
export function amongEverybody(scope: Scope, times: Sql, valuesOf: (everybody: Scope) => ViewValues): ViewValues {
  const everybody: Scope = { ...scope, entities: `${scope.prefix}_everybody`, fewEntities: false, everybody: true }
  const made = valuesOf(everybody)
  const own = scope.view.features.map(({ name }) => sql`${sql.id('v', name)} AS ${sql.id(name)}`)
  const points = sql`
    SELECT n.e AS e, d.t AS t, ${scope.leaves.floorDivide(sql`d.t`, scope.grain)} AS j
    FROM ${entityTable(everybody)} n
    CROSS JOIN (${times}) d
  `
  return {
    tables: [
      { name: entityTable(everybody), rows: allEntities(everybody) },
      { name: pointTable(everybody), rows: points },
      ...made.tables,
    ],
    values: sql`
      SELECT ${sql.join([sql`s.e AS e`, sql`v.t AS t`, ...own])}
      FROM (${made.values}) v
      JOIN ${entityTable(everybody)} n ON n.e = v.e
      JOIN ${entityTable(scope)} s ON ${sameEntity(scope, 's', 'n')}
    `,
  }
}
