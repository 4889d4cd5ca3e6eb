import { sql, type Sql } from '@martlet/warehouse'
import type { LookupPlan } from '../../plan/source-plan.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { Frame } from '../algebra/frame.ts'
import { integer } from '../algebra/integer.ts'
import { scanSource } from './scan.ts'

const FOR_EVER = 2n ** 63n - 1n

/** How far from T the moment lies that is looked up. */
export interface Shift {
  /** Local days on the view's clock: the same time of day, so many days later. */
  readonly days: number
  /** A fixed length, µs. */
  readonly micros: number
}

/** A column of the table and the name it gets. */
export interface LookedUp {
  readonly column: string
  readonly name: string
}

export interface LookupFrame extends Pick<Frame, 'leaves'> {
  readonly view: Pick<ViewPlan, 'delay' | 'grid'>
  /** `(t)`: the feature times, each once. */
  readonly times: Sql
}

/**
 * `(t, picked)`: for each feature time that has one, the row that holds at the moment which is looked up, of those
 * that are known by T + delay. Of several, the one that begins last, then by `sequence`, by when it became known, by
 * its end and by its values, the greatest each.
 */
export function lookupRows(frame: LookupFrame, plan: LookupPlan, shift: Shift, picked: readonly LookedUp[]): Sql {
  const { leaves, times, view } = frame
  const target = plan.day === null ? instantOf(frame, shift) : dayOf(frame, shift)
  const holds = [
    plan.day === null ? sql`d.since <= i.target AND i.target < d.until` : sql`d.since = i.target`,
    ...(plan.knownAt === null ? [] : [sql`d.known <= i.t + ${integer(view.delay)}`]),
  ]
  const greatest = order(plan).map((column) => sql`d.${column} DESC NULLS LAST`)
  const place = sql`ROW_NUMBER() OVER (PARTITION BY i.t ORDER BY ${sql.join(greatest)}) AS place`
  const values = picked.map(({ column, name }) => sql`d.${valueName(plan, column)} AS ${sql.id(name)}`)
  const candidates = sql`
    SELECT ${sql.join([sql`i.t AS t`, place, ...values])}
    FROM (SELECT t, ${target} AS target FROM (${times}) times) i
    JOIN (${heldRows(leaves, plan)}) d ON ${sql.join(holds, sql` AND `)}
  `
  return sql`
    SELECT ${sql.join([sql`t`, ...picked.map(({ name }) => sql.id(name))])}
    FROM (${candidates}) candidates
    WHERE place = 1
  `
}

/** `(since, until, known, values)`: rows that hold, under names of their own. */
function heldRows(leaves: Frame['leaves'], plan: LookupPlan): Sql {
  const { day, validFrom, validTo, knownAt } = plan
  const micros = (column: string): Sql => leaves.epochMicros(sql.id('s', column))
  const from = day ?? validFrom
  if (from === null) throw new Error(`lookup table ${plan.table} has neither days nor intervals`)
  const columns = [
    sql`${day === null ? micros(from) : sql.id('s', from)} AS since`,
    ...(validTo === null ? [] : [sql`COALESCE(${micros(validTo)}, ${integer(FOR_EVER)}) AS until`]),
    ...(knownAt === null ? [] : [sql`${micros(knownAt)} AS known`]),
    ...plan.columns.map(({ name }) => sql`${sql.id('s', name)} AS ${valueName(plan, name)}`),
  ]
  const rows = sql`
    SELECT ${sql.join(columns)}
    FROM (${scanSource(leaves, plan)}) s
    WHERE ${sql.id('s', from)} IS NOT NULL
  `
  if (day !== null || validTo !== null) return rows
  const inOrder = sql.join(order(plan).map((column) => sql`h.${column} NULLS FIRST`))
  const next = sql`COALESCE(LEAD(h.since) OVER (ORDER BY ${inOrder}), ${integer(FOR_EVER)})`
  return sql`SELECT h.*, ${next} AS until FROM (${rows}) h`
}

/** What tells apart rows that hold at once, the one that counts last in each. */
function order(plan: LookupPlan): readonly Sql[] {
  const { day, validFrom, validTo, knownAt, sequence } = plan
  const told = [day, validFrom, validTo, knownAt, sequence]
  const others = plan.columns.filter(({ name }) => !told.includes(name))
  return [
    sql`since`,
    ...(sequence === null ? [] : [valueName(plan, sequence)]),
    ...(knownAt === null ? [] : [sql`known`]),
    ...(validTo === null ? [] : [sql`until`]),
    ...others.map(({ name }) => valueName(plan, name)),
  ]
}

function valueName(plan: LookupPlan, column: string): Sql {
  return sql.id(`c${plan.columns.findIndex(({ name }) => name === column)}`)
}

/** The local date that is looked up: that of T, so many days later. */
function dayOf({ leaves, view }: LookupFrame, { days }: Shift): Sql {
  const local = leaves.toLocal(leaves.fromEpochMicros(sql`t`), view.grid.zone)
  return leaves.toDate(days === 0 ? local : leaves.addMicros(local, days * MICROS_PER_DAY), 'missing')
}

/** The instant that is looked up, µs. */
function instantOf({ leaves, view: { grid } }: LookupFrame, { days, micros }: Shift): Sql {
  const fixed = micros + (grid.zone === 'UTC' ? days * MICROS_PER_DAY : 0)
  if (grid.zone === 'UTC' || days === 0) return fixed === 0 ? sql`t` : sql`t + ${integer(fixed)}`
  const local = leaves.toLocal(leaves.fromEpochMicros(sql`t`), grid.zone)
  return leaves.epochMicros(leaves.toUtc(leaves.addMicros(local, days * MICROS_PER_DAY), grid.zone))
}
