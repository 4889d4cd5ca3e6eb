import type { Sql } from '@martlet/warehouse'

/**
 * What is known of the values `x` of one window, and `y` of an aggregate of two, when they are aggregated in several
 * passes: sums without rounding, and deviations from the window's own mean.
 */
export interface CarefulWindow {
  readonly count: Sql
  /** The sum of x. */
  readonly sum: Sql
  /** The largest deviation from the mean of x; 0 when all values are equal. */
  readonly reach: Sql
  /** Sum of squared deviations of x, in units of `reach` squared; null when `reach` is 0. */
  readonly spread: Sql
  /** As `reach`, of y. */
  readonly otherReach: Sql
  /** As `spread`, of y. */
  readonly otherSpread: Sql
  /** Sum of the products of both deviations, in units of both reaches. */
  readonly products: Sql
}
