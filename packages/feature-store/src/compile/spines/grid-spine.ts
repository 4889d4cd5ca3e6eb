import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { DimensionPlan, EntityPlan, EventsPlan, PrecomputedPlan } from '../../plan/source-plan.ts'
import type { GridSpinePlan } from '../../plan/spine-plan.ts'
import type { Micros } from '../../plan/feature-plan.ts'
import { servedFeatureTime } from '../../plan/time/grid.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { eventsOf, passedThroughOf } from '../../vocabulary/sources/list.ts'
import { scanEvents } from '../../vocabulary/sources/event-rows.ts'
import { scanKeyed } from '../../vocabulary/sources/scan.ts'
import { populationOf } from '../../vocabulary/population.ts'
import { gridOf } from '../../plan/view-plan.ts'

/** What the table of a grid spine's times has for a time: the feature time at which a view's population is asked. */
export function askedTime({ population }: GridSpinePlan, us: bigint): bigint {
  return population.of === 'view' ? servedFeatureTime(gridOf(population.view), population.view.delay, us) : us
}

/**
 * `(key aliases, us)`: everybody in the population at each of the times, a table `(us, t)` of rows' times and of the
 * times at which the population is asked.
 */
export function gridSpineSql(leaves: Leaves, { population }: GridSpinePlan, times: Sql): Sql {
  if (population.of === 'dimension') {
    const { dimension } = population
    return validAt(leaves, dimension, dimension.entity, times)
  }
  const { view } = population
  const { source, entity } = view
  const dimension = populationOf(view)
  if (dimension !== null) return validAt(leaves, dimension, entity, times)
  const rows = passedThroughOf(source)
  if (rows !== undefined) return fromFirst(entity, writtenRows(leaves, rows, entity, view.delay), times)
  const events = eventsOf(source)
  if (events === undefined) return sql`SELECT g.us AS us FROM ${times} g`
  return fromFirst(entity, arrivedEvents(leaves, events, entity, view.delay), times)
}

/** A source's rows with the moment from which on each makes its entity known. */
interface Known {
  readonly rows: Sql
  /** `s` are the rows. */
  readonly since: Sql
  /** Compared with it: the time of the row, or the time at which the population is asked. */
  readonly at: 'us' | 't'
}

/** An event counts for feature times after it, and if it has arrived by T + delay. */
function arrivedEvents(leaves: Leaves, events: EventsPlan, entity: EntityPlan, delay: Micros): Known {
  const after = sql`${leaves.epochMicros(sql.id('s', events.eventTime))} + 1`
  const { knownAt } = events
  const columns = [events.eventTime, ...(knownAt === null ? [] : [knownAt])]
  const rows = present(scanEvents(leaves, events, entity, columns), entity, columns)
  if (knownAt === null) return { rows, since: after, at: 't' }
  const arrived = sql`${leaves.epochMicros(sql.id('s', knownAt))} - ${integer(delay)}`
  return { rows, since: leaves.greatest(after, arrived), at: 't' }
}

/** A row that is a feature already is known from its time + delay on, and not before it was written. */
function writtenRows(leaves: Leaves, source: PrecomputedPlan, entity: EntityPlan, delay: Micros): Known {
  const columns = [source.time, ...(source.created === null ? [] : [source.created])]
  const rows = present(scanKeyed(leaves, source, entity, columns), entity, columns)
  const time = sql`${leaves.epochMicros(sql.id('s', source.time))} + ${integer(delay)}`
  if (source.created === null) return { rows, since: time, at: 'us' }
  return { rows, since: leaves.greatest(time, leaves.epochMicros(sql.id('s', source.created))), at: 'us' }
}

function fromFirst(entity: EntityPlan, { rows, since, at }: Known, times: Sql): Sql {
  const keys = entity.keys.map((_, index) => sql.id('s', keyAlias(index)))
  const grouped = keys.length === 0 ? sql`` : sql` GROUP BY ${sql.join(keys)}`
  const first = sql`SELECT ${sql.join([...keys, sql`MIN(${since}) AS since`])} FROM (${rows}) s${grouped}`
  const own = entity.keys.map((_, index) => sql.id('n', keyAlias(index)))
  return sql`
    SELECT ${sql.join([...own, sql`g.us AS us`])}
    FROM (${first}) n
    JOIN ${times} g ON n.since <= ${sql.id('g', at)}
  `
}

/** Whoever has a row of the dimension whose interval holds the time. */
function validAt(leaves: Leaves, dimension: DimensionPlan, entity: EntityPlan, times: Sql): Sql {
  const { validFrom, validTo } = dimension
  const keys = entity.keys.map((_, index) => sql.id('s', keyAlias(index)))
  const columns = [validFrom, validTo].filter((name) => name !== null)
  const rows = present(scanKeyed(leaves, dimension, entity, columns), entity, validFrom === null ? [] : [validFrom])
  const began = validFrom === null ? sql`TRUE` : sql`${leaves.epochMicros(sql.id('s', validFrom))} <= g.t`
  const holds =
    validTo === null
      ? sql``
      : sql` AND (${sql.id('s', validTo)} IS NULL OR g.t < ${leaves.epochMicros(sql.id('s', validTo))})`
  return sql`
    SELECT DISTINCT ${sql.join([...keys, sql`g.us AS us`])}
    FROM (${rows}) s
    JOIN ${times} g ON ${began}${holds}
  `
}

/** Rows without a key, or without a time that they need, make nobody known. */
function present(rows: Sql, entity: EntityPlan, columns: readonly string[]): Sql {
  const needed = [...entity.keys.map((_, index) => keyAlias(index)), ...columns]
  if (needed.length === 0) return rows
  const there = needed.map((name) => sql`${sql.id('r', name)} IS NOT NULL`)
  return sql`SELECT r.* FROM (${rows}) r WHERE ${sql.join(there, sql` AND `)}`
}
