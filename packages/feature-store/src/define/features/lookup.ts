import type { LookupFeature } from '../../vocabulary/features/lookup.ts'
import type { Shift } from '../../vocabulary/sources/lookup-rows.ts'
import type { LookupPlan } from '../../plan/source-plan.ts'
import { dayMicros, durationMicros, type Duration } from '../duration.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import type { Row } from '../sources/columns.ts'
import type { AnyLookupTable, LookupTable } from '../sources/lookup-table.ts'
import { columnNamed } from '../sources/source.ts'
import { single, type Defaultable } from './features.ts'

/** How far from T: `+1d` and `-1w` are local days on the view's clock, `+6h` and `-30m` fixed lengths. */
export type LookupShift = `${'+' | '-'}${Duration}`

export interface LookupOptions {
  /** Looks up what holds so long after T (`+1d`) or before it (`-1d`). @default at T */
  readonly at?: LookupShift
}

/** The table when what is read of it is known at T, and otherwise the sentence that says why not. */
export type KnownThen<D, O> =
  D extends LookupTable<Row, infer B, infer A>
    ? [B, O] extends ['day', { readonly at: `${string}${'m' | 'h'}` }]
      ? `this table has a row per day, so it is read whole days from T, such as '+1d'`
      : A extends true
        ? D
        : O extends { readonly at: `-${string}` }
          ? D
          : B extends 'day'
            ? DayUnknown
            : O extends { readonly at: `+${string}` }
              ? AheadUnknown
              : D
    : `lookup() takes a table that lookupTable() declares`
type DayUnknown =
  `nobody knows this table's row of a day before it is over; ${Ahead}, or read an earlier day with { at: '-1d' }`
type AheadUnknown = `nobody knows this table's rows before they begin, so reading ahead of T leaks the future; ${Ahead}`
type Ahead = 'give it knownAt, or say knownAhead: true if that is so'

export type LookupColumn<C extends string, R> = C extends keyof R ? C : `this table has no column '${C}'`
export type LookupValue<R, C extends string> = (C extends keyof R ? NonNullable<R[C]> : never) | null

/** A column of what holds for everybody. */
export function lookup<V>(
  given: AnyLookupTable | string | undefined,
  column: string,
  options: LookupOptions = {},
): Defaultable<V, ''> {
  return single((name, place) => {
    if (typeof given !== 'object' || given.kind !== 'lookup')
      throw invalid(place, 'lookup() takes a table that lookupTable() declares, and a column of it')
    const { plan } = given
    const { type } = columnNamed(plan.columns, column, 'table', place)
    const shift = shiftOf(options.at, place)
    refuseUnknown(plan, shift, options.at, place)
    return { kind: 'lookup', name, type, nullable: true, table: plan, column, shift } satisfies LookupFeature
  })
}

function shiftOf(at: string | undefined, place: Place): Shift {
  if (at === undefined) return { days: 0, micros: 0 }
  const sign = /^[+-]/.exec(at)?.[0]
  if (sign === undefined)
    throw invalid(
      place,
      `at '${at}' begins with neither + nor -; write '+1d' for the day after T, '-1d' for the one before`,
    )
  const size = durationMicros(at.slice(1), 'at', place)
  const signed = sign === '-' ? -size : size
  if (size === 0) return { days: 0, micros: 0 }
  if (!/[dw]$/.test(at)) return { days: 0, micros: signed }
  if (size % dayMicros !== 0)
    throw invalid(
      place,
      `at '${at}' is not a whole number of days, which are local days; write hours for a fixed length`,
    )
  return { days: signed / dayMicros, micros: 0 }
}

function refuseUnknown(plan: LookupPlan, { days, micros }: Shift, at: string | undefined, place: Place): void {
  const { table, day, knownAhead, knownAt } = plan
  if (day !== null && micros !== 0)
    throw invalid(
      place,
      `'${table}' has a row per day, so it is read whole days from T, such as '+1d', and not '${at}'`,
    )
  if (knownAhead || knownAt !== null) return
  const ahead = 'give it knownAt, or say knownAhead: true if that is so'
  if (day !== null && days >= 0)
    throw invalid(
      place,
      `nobody knows the row of '${table}' for a day before it is over; ${ahead}, or read an earlier day with { at: '-1d' }`,
    )
  if (days > 0 || micros > 0)
    throw invalid(place, `nobody knows the rows of '${table}' before they begin, so '${at}' leaks the future; ${ahead}`)
}
