import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EventSpinePlan } from '../../plan/spine-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { eventsSql } from '../events.ts'
import { scopeOf } from '../scope.ts'
import { namedInput, passing } from '../window-feature.ts'

/** The beginning of the year 10000 (µs): every event that has a time lies before it. */
const END = 253_402_300_800_000_000n

/** `(key aliases, us, value__0, …)`: a row before each event that meets the condition, with columns of the event. */
export function eventSpineSql(leaves: Leaves, plan: EventSpinePlan): Sql {
  const { fact, entity, where, before, columns } = plan
  const chosen = passing('chosen', fact, { function: 'count', column: null, where })
  const values = columns.map((column, i) => namedInput(spineValue(i), fact, { function: 'last', column, where: null }))
  const view: ViewPlan = {
    name: 'whenever',
    entity,
    source: fact,
    grid: { every: 1, zone: 'UTC' },
    delay: 0,
    ttl: null,
    repair: 0,
    population: null,
    features: [],
    hash: '',
  }
  const scope = scopeOf(leaves, view, { prefix: '', entities: '', grain: 1, first: END, last: END, lookup: 'direct' })
  const keys = entity.keys.map((_, index) => sql.id('v', keyAlias(index)))
  const present = [...keys, sql`v.chosen`].map((column) => sql`${column} IS NOT NULL`)
  const own = columns.map((_, i) => sql.id('v', spineValue(i)))
  return sql`
    SELECT ${sql.join([...keys, sql`v.us - ${integer(before)} AS us`, ...own])}
    FROM (${eventsSql(scope, fact, [chosen, ...values], 'keys')}) v
    WHERE ${sql.join(present, sql` AND `)}
  `
}

/** The name of a column of the events; two underscores in a row stand in no name of a column that Martlet makes. */
export function spineValue(index: number): string {
  return `value__${index}`
}
