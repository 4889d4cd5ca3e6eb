import type { LookupPlan } from '../../src/plan/source-plan.ts'
import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { LookupFeature } from '../../src/vocabulary/features/lookup.ts'
import { localMicros } from './clock.ts'
import { time } from './events.ts'
import { DAY, type OracleMart } from './mart.ts'
import { compare, type Row, type Value } from './row.ts'

/** What holds for everybody at the moment that is looked up, as far as it is known by T + delay. */
export function lookedUp(mart: OracleMart, view: ViewPlan, feature: LookupFeature, T: number): Value {
  const { table, column, shift } = feature
  const { zone } = view.grid
  const clock = localMicros(T, zone) + shift.days * DAY
  const instant = shift.days === 0 ? T + shift.micros : instantOf(clock, zone)
  const rows = mart.tables[table.table] ?? []
  const holds = (row: Row): boolean => {
    if (table.knownAt !== null && !isAtMost(row[table.knownAt], T + view.delay)) return false
    if (table.day !== null) return row[table.day] === Math.floor(clock / DAY)
    return isAtMost(row[table.validFrom ?? ''], instant) && instant < endOf(table, row, rows)
  }
  const found = rows.filter(holds).toSorted((a, b) => inOrder(table, a, b))
  return found.at(-1)?.[column] ?? null
}

function isAtMost(value: Value | undefined, most: number): boolean {
  return typeof value === 'number' && value <= most
}

function endOf({ validFrom, validTo }: LookupPlan, row: Row, rows: readonly Row[]): number {
  if (validTo !== null) return typeof row[validTo] === 'number' ? row[validTo] : Infinity
  const begins = (one: Row): number => (one[validFrom ?? ''] === null ? Infinity : time(one, validFrom ?? ''))
  return Math.min(Infinity, ...rows.map(begins).filter((begin) => begin > begins(row)))
}

/** The one that counts comes last. */
function inOrder({ columns, day, validFrom, validTo, knownAt, sequence }: LookupPlan, a: Row, b: Row): number {
  const told = [day, validFrom, validTo, knownAt, sequence]
  const others = columns.map(({ name }) => name).filter((name) => !told.includes(name))
  const end = (row: Row): Value => (validTo === null ? Infinity : (row[validTo] ?? Infinity))
  const by = (name: string | null): number => (name === null ? 0 : compare(a[name] ?? null, b[name] ?? null))
  const ends = validTo === null ? 0 : compare(end(a), end(b))
  return by(validFrom) || by(sequence) || by(knownAt) || ends || others.reduce((so, name) => so || by(name), 0)
}

const QUARTER = 900_000_000

/** The instant at which a clock shows a time: the last one, and where it skips that time, by its offset of before. */
function instantOf(clock: number, zone: string): number {
  const shown = Array.from({ length: 2 * 64 }, (_, i) => clock + (i - 64) * QUARTER)
  const found = shown.filter((instant) => localMicros(instant, zone) === clock)
  const before = clock - DAY
  return found.at(-1) ?? clock - (localMicros(before, zone) - before)
}
