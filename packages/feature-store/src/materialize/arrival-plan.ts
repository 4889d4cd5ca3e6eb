import { sql, type Warehouse } from '@martlet/warehouse'
import { cheaperArrivals } from '../compile/logs/arrival-cost.ts'
import type { Scope } from '../compile/scope.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { scanKeyed } from '../vocabulary/sources/scan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/**
 * The cheaper plan for arrival times at the fact's present number of events; undefined for views without arrival
 * times.
 */
export async function arrivalPlan(warehouse: Warehouse, view: ViewPlan): Promise<Scope['arrivals'] | undefined> {
  const { entity } = view
  const source = eventsOf(view.source)
  if (source === undefined || source.knownAt === null) return undefined
  const keys = entity.keys.map((_, index) => keyAlias(index))
  const time = warehouse.leaves.epochMicros(sql.id('f', source.eventTime))
  const grouped = keys.length === 0 ? sql`` : sql` GROUP BY ${sql.join(keys.map((key) => sql.id('f', key)))}`
  const each = sql`
    SELECT COUNT(*) AS n, MIN(${time}) AS first, MAX(${time}) AS last
    FROM (${scanKeyed(warehouse.leaves, source, entity, [source.eventTime])}) f${grouped}
  `
  const { columns } = await warehouse.read(
    sql`SELECT SUM(n) AS events, COUNT(*) AS entities, MAX(last) - MIN(first) AS span FROM (${each}) e`,
  )
  const [events = 0, entities = 0, span = 0] = columns.map(({ values, nulls }) =>
    nulls?.[0] === 1 ? 0 : Number(values[0]),
  )
  return cheaperArrivals(view, { perEntity: events / Math.max(1, entities), span })
}
