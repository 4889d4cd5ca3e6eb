import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import type { Input } from './input.ts'
import { integer } from './integer.ts'

/**
 * Sums of decimals with up to so many digits have 38, whatever the number of events; and so have those of digits after
 * the point.
 */
const SAFE_DIGITS = 28
/** Whole parts are summed in two halves, so that no total on the way is beyond 38 digits. */
const HALF = 10n ** 19n

/** The parts of a long decimal that are summed: the halves of its whole part, and the digits after the point. */
export interface DecimalParts {
  readonly high: Sql
  readonly low: Sql
  readonly rest: Sql
}

export type SplitDecimal = Exclude<ColumnType, string>

/** Whether a running total of such decimals may have more than 38 digits. */
export function isSplitDecimal(type: ColumnType): type is SplitDecimal {
  return typeof type === 'object' && type.decimal[0] > SAFE_DIGITS && type.decimal[1] <= SAFE_DIGITS
}

/** The column of events with a part of a decimal. */
export function partId(name: keyof DecimalParts, { id }: Pick<Input, 'id'>): string {
  return `${id}_${name}`
}

/** The columns of events that sums of long decimals are made from. */
export function partColumns(leaves: Leaves, inputs: readonly Input[]): readonly Sql[] {
  return inputs
    .filter(({ type }) => isSplitDecimal(type))
    .flatMap((input) => {
      const whole = wholePart(leaves, sql.id(input.id))
      const high = leaves.wideQuotient(whole, integer(HALF))
      return [
        sql`${high} AS ${sql.id(partId('high', input))}`,
        sql`(${whole} - ${high} * ${integer(HALF)}) AS ${sql.id(partId('low', input))}`,
        sql`MOD(${sql.id(input.id)}, 1) AS ${sql.id(partId('rest', input))}`,
      ]
    })
}

/** A decimal from the sums of its parts; null when it has more than 38 digits. */
export function decimalSum(
  leaves: Leaves,
  { decimal: [, scale] }: SplitDecimal,
  { high, low, rest }: DecimalParts,
): Sql {
  const type = leaves.columnType({ decimal: [38, scale] })
  const whole = sql`(${high} * ${integer(HALF)} + ${low} + ${wholePart(leaves, rest)})`
  const fraction = sql`MOD(${rest}, 1)`
  // The whole part and the digits after the point must have the same sign: together they are no larger than 38 digits.
  const step = sql`CASE WHEN ${whole} > 0 AND ${fraction} < 0 THEN 1 WHEN ${whole} < 0 AND ${fraction} > 0 THEN -1 ELSE 0 END`
  return sql`
    CASE
      WHEN ABS(${high}) < ${integer(HALF)} AND ABS(${whole} - ${step}) < ${integer(10n ** BigInt(38 - scale))}
      THEN CAST(${whole} - ${step} AS ${type}) + CAST(${fraction} + ${step} AS ${type}) END
  `
}

/** As {@link decimalSum}, as a double. */
export function doubleSum(leaves: Leaves, { high, low, rest }: DecimalParts): Sql {
  return sql`(${leaves.toDouble(high)} * ${integer(HALF)} + ${leaves.toDouble(low)} + ${leaves.toDouble(rest)})`
}

/** The digits before the point, as a whole number. */
function wholePart(leaves: Leaves, x: Sql): Sql {
  return leaves.toWide(sql`${x} - MOD(${x}, 1)`)
}
