import { sql, type Sql } from '@martlet/warehouse'

/** A whole number that is safe to print: the compiler's own bounds and lengths, never a user's text. */
export function integer(value: bigint | number): Sql {
  const digits = String(value)
  if (!/^-?\d+$/.test(digits)) throw new Error(`not a whole number: ${digits}`)
  return sql.raw(digits)
}

/** A constant of the compiler's own that is no whole number. */
export function real(value: number): Sql {
  return sql`CAST(${sql.lit(value)} AS DOUBLE)`
}
