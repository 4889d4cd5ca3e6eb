import { MartletError } from '../errors.ts'
import { sql, type Sql } from '../sql.ts'

// Constants of leaves are printed, not bound: an expression with parameters differs from its own copy in GROUP BY.

/** A floating-point literal that reads back as exactly this double. */
export function doubleLiteral(value: number): Sql {
  if (!Number.isFinite(value))
    throw new MartletError('LEAF_ARGUMENT', `${value} has no literal in SQL. Pass a finite number.`)
  return sql.raw(value.toExponential())
}

/** A whole number as a literal. */
export function integerLiteral(value: number | bigint): Sql {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new MartletError(
      'LEAF_ARGUMENT',
      `${value} is not a whole number that a double holds exactly. Pass a bigint.`,
    )
  }
  return sql.raw(value === 0 ? '0' : String(value))
}

/** A list of expressions between commas. */
export function list(items: readonly Sql[]): Sql {
  return sql.join(items)
}
