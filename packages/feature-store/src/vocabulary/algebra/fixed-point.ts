import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { integer } from './integer.ts'

/**
 * Doubles as whole numbers of 2^-60. Their sums are exact in any order, so the difference of two running totals holds
 * nothing of what lies outside a window. 38 digits hold 2^28 of the largest values.
 */
const UNITS = 2n ** 60n
/** Values from here on do not fit. */
const LIMIT = 2n ** 38n
/** A value below one part in so many loses more than one part in 2^33 when it is rounded to a whole number of units. */
const PER_SMALLEST = 2n ** 27n
/**
 * Values are counted together with what happens to them: one that is rounded to units adds this to the count, so that
 * one running total says both.
 */
const ROUNDED = 2n ** 31n
/** What a value adds to the count that does not fit. */
const OUTSIDE = 2n ** 47n

/** The value where it can be summed as a whole number of units; null where it is too large or too small. */
export function fitting(x: Sql): Sql {
  return sql`CASE WHEN ABS(${x}) < ${integer(LIMIT)} AND (${isWhole(x)} OR ABS(${x}) >= ${smallest}) THEN ${x} END`
}

/** The value as a whole number of units; null where it does not fit. */
export function toUnits(leaves: Leaves, x: Sql): Sql {
  return leaves.toWide(sql`${fitting(x)} * ${integer(UNITS)}`)
}

/** 1 for each value, and more where it is rounded or does not fit. */
export function counted(x: Sql): Sql {
  return sql`
    CASE
      WHEN ABS(${x}) < ${integer(LIMIT)} AND ${isWhole(x)} THEN 1
      WHEN ABS(${x}) < ${integer(LIMIT)} AND ABS(${x}) >= ${smallest} THEN ${integer(ROUNDED + 1n)}
      WHEN ${x} IS NOT NULL THEN ${integer(OUTSIDE + 1n)} END
  `
}

/** The number of values. */
export function countOf(total: Sql): Sql {
  return sql`CASE WHEN ${total} < ${integer(ROUNDED)} THEN ${total} ELSE ${total} % ${integer(ROUNDED)} END`
}

export function fromUnits(leaves: Leaves, units: Sql): Sql {
  return sql`(${leaves.toDouble(units)} / ${integer(UNITS)})`
}

/** Whether some value does not fit. */
export function isOutside(total: Sql): Sql {
  return sql`${total} >= ${integer(OUTSIDE)}`
}

/** Whether a sum may be off by more than 1e-10 of itself: each rounded value is off by at most one unit. */
export function isRough(leaves: Leaves, units: Sql, total: Sql): Sql {
  const most = sql`${leaves.toDouble(total)} / ${integer(ROUNDED)}`
  return sql`
    (${total} >= ${integer(ROUNDED)}
      AND (${isOutside(total)} OR ABS(${leaves.toDouble(units)}) < ${most} * ${integer(10n ** 10n)}))
  `
}

const smallest = sql`CAST(1 AS DOUBLE) / ${integer(PER_SMALLEST)}`

function isWhole(x: Sql): Sql {
  return sql`${x} * ${integer(UNITS)} = FLOOR(${x} * ${integer(UNITS)})`
}
