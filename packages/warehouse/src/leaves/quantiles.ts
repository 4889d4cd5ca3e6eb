import { MartletError } from '../errors.ts'
import { leaf, type Leaf } from './leaf.ts'
import { doubleLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Aggregates: exact quantiles with linear interpolation, one per probability in 0..1; nulls do not count, x is `finite(...)`.
 * @throws MartletError LEAF_ARGUMENT when a probability is outside 0..1
 */
export const quantiles: Leaf<(x: Sql, probabilities: readonly number[]) => readonly Sql[]> = leaf({
  standard: (x, probabilities) =>
    probabilities.map((p) => sql`PERCENTILE_CONT(${probability(p)}) WITHIN GROUP (ORDER BY CAST(${x} AS DOUBLE))`),
  duckdb: (x, probabilities) => {
    // DuckDB computes an aggregate once, however often it is printed.
    const all = sql`quantile_cont(CAST(${x} AS DOUBLE), [${sql.join(probabilities.map(probability))}])`
    return probabilities.map((_, index) => sql`(${all})[${sql.raw(String(index + 1))}]`)
  },
})

/** A probability as a literal. */
export function probability(p: number): Sql {
  if (!(p >= 0 && p <= 1)) throw new MartletError('LEAF_ARGUMENT', `A probability must be in 0..1, not ${p}.`)
  return doubleLiteral(p)
}
