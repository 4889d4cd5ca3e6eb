import { sql, type ColumnType, type Sql } from '@martlet/warehouse'
import { integer, real } from './integer.ts'
import type { CarefulWindow } from './careful-window.ts'
import type { Group, GroupColumn } from './group.ts'

/**
 * How an aggregate knows that its fast value may be further than 1e-9 from the right one, and how it is then computed
 * again from the values of its window.
 */
export interface Rounding {
  /** What x is held against, where that is not a second column. */
  readonly against?: 'time'
  /** Whether there is any rounding for a column of this type. */
  applies(type: ColumnType): boolean
  /** Whether the value that `plain` prints may be too far off. */
  doubt(group: Group, x: GroupColumn, y: GroupColumn): Sql
  /** The value, to 1e-9 of itself. */
  careful(window: CarefulWindow): Sql
}

/** Half of the distance from 1 to the next double, and a little more. */
const UNIT = 1.2e-16
/** What is left of 1e-9 for the value itself. */
const TOLERANCE = 9e-10
/** Roundings of one tile or group that do not grow with the number of its values. */
const FEW = 24

/**
 * Whether `value` may be off by more than 1e-9 of itself, when it was computed as a sum whose terms have a magnitude of
 * `magnitude` together, of values that were added up `most` at a time.
 *
 * The bound of Chan, Golub and LeVeque for updating formulas, with the constants of our own steps: docs/decisions/0010.
 */
export function isCancelled(value: Sql, magnitude: Sql, most: Sql): Sql {
  return sql`ABS(${value}) * ${real(TOLERANCE / UNIT)} < (${integer(FEW)} + 2 * ${most}) * ${magnitude}`
}

/** The column of a row of values that says whether one of them must be computed again; no feature has such a name. */
export const DOUBT = 'row__doubt'

/** True where one of the conditions holds; a null does not. */
export function anyDoubt(conditions: readonly Sql[]): Sql {
  return sql`COALESCE(${sql.join(
    conditions.map((one) => sql`(${one})`),
    sql` OR `,
  )}, FALSE)`
}
