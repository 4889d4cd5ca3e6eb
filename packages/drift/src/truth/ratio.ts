import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { TruthRows } from './truth-metric.ts'

/** A sum over a sum: both are expressions of a row's `y` and `p`. */
export interface Ratio {
  readonly over: Sql
  readonly under: Sql
  /** Whether the value is the root of the ratio. @default false */
  readonly root?: boolean
}

/**
 * A ratio of sums and the linear influence of each cluster: `(Σover − value · Σunder) / total under`, which is the delta
 * method for a ratio of clustered sums (Cochran 1977, 6.3). A root halves it and divides it by the value.
 */
export function ratioInfluence({ leaves, rows }: TruthRows, { over, under, root = false }: Ratio): Sql {
  const sums = sql`
    SELECT side, w, dim, g, c, COUNT(*) AS rows_in, SUM(${over}) AS o, SUM(${under}) AS u
    FROM ${rows} GROUP BY side, w, dim, g, c
  `
  const totals = sql`
    SELECT side, w, dim, g, ${leaves.divide(sql`SUM(o)`, sql`SUM(u)`)} AS ratio, SUM(u) AS total
    FROM sums GROUP BY side, w, dim, g
  `
  const psi = leaves.divide(sql`(s.o - t.ratio * s.u)`, sql`t.total`)
  return sql`
    WITH sums AS (${sums}), totals AS (${totals})
    SELECT s.side, s.w, s.dim, s.g, s.c, s.rows_in,
      ${root ? sql`SQRT(t.ratio)` : sql`t.ratio`} AS value,
      ${root ? leaves.divide(psi, sql`(2 * SQRT(t.ratio))`) : psi} AS psi
    FROM sums s JOIN totals t ON t.side = s.side AND t.w = s.w AND t.dim = s.dim AND t.g = s.g
  `
}

/** A condition as 1 or 0. */
export function oneIf(condition: Sql): Sql {
  return sql`CASE WHEN ${condition} THEN 1.0 ELSE 0.0 END`
}

/** Columns of rows, as they stand in a ratio. */
export const y: Sql = sql`y`
export const p: Sql = sql`p`
export const one: Sql = sql`1.0`

/** Whether a chance counts as yes. */
export function saysYes({ leaves, threshold }: TruthRows): Sql {
  return sql`${p} >= ${leaves.toDouble(sql.lit(threshold))}`
}

/** Whether a prediction is what happened. */
export function hit(of: TruthRows): Sql {
  return of.task === 'classes' ? sql`${p} = ${y}` : sql`(CASE WHEN ${saysYes(of)} THEN 1 ELSE 0 END) = ${y}`
}

/** A chance that is neither 0 nor 1. */
export function clamped(leaves: Leaves): Sql {
  const edge = (value: number): Sql => leaves.toDouble(sql.lit(value))
  return leaves.leastOrNull(leaves.greatestOrNull(p, edge(1e-15)), edge(1 - 1e-15))
}
