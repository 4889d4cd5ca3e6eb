import { MartletError } from '../errors.ts'
import { sql, type Sql } from '../sql.ts'

// Leaves print their constants instead of binding them: an expression with parameters differs from its copy in GROUP BY.

/**
 * A floating-point literal that reads back as exactly this double.
 * @throws MartletError LEAF_ARGUMENT when the number is not finite
 */
export function doubleLiteral(value: number): Sql {
  if (!Number.isFinite(value))
    throw new MartletError('LEAF_ARGUMENT', `${value} has no literal in SQL. Pass a finite number.`)
  return sql.raw(value.toExponential())
}

/**
 * A whole number as a literal.
 * @throws MartletError LEAF_ARGUMENT when the number is not whole, or beyond 2^53
 */
export function integerLiteral(value: number | bigint): Sql {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new MartletError(
      'LEAF_ARGUMENT',
      `${value} is not a whole number that a double holds exactly. Pass a bigint.`,
    )
  }
  return sql.raw(value === 0 ? '0' : String(value))
}
