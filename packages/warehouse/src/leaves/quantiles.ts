import { MartletError } from '../errors.ts'
import type { Leaf } from './leaf.ts'
import { doubleLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/** Exact quantiles with linear interpolation, as aggregates, one for each probability in 0..1. Nulls do not count; pass `finite(...)`. */
export const quantiles: Leaf<(x: Sql, probabilities: readonly number[]) => readonly Sql[]> = {
  duckdb: (x, probabilities) => {
    // The same aggregate printed several times is computed once.
    const all = sql`quantile_cont(CAST(${x} AS DOUBLE), [${sql.join(probabilities.map(probability))}])`
    return probabilities.map((_, index) => sql`(${all})[${sql.raw(String(index + 1))}]`)
  },
  snowflake: (x, probabilities) =>
    probabilities.map((p) => sql`PERCENTILE_CONT(${probability(p)}) WITHIN GROUP (ORDER BY CAST(${x} AS DOUBLE))`),
}

function probability(p: number): Sql {
  if (!(p >= 0 && p <= 1)) throw new MartletError('LEAF_ARGUMENT', `A probability lies in 0..1, not ${p}.`)
  return doubleLiteral(p)
}
