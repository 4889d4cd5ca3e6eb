import { chiSquareTest, type ChiSquareTest } from '../statistics/chi-square-test.ts'
import { withEstimatedSpread } from '../statistics/estimated-spread.ts'
import { gTest } from '../statistics/g-test.ts'
import type { PooledCells } from '../statistics/pool-cells.ts'
import { logUnevenTail } from '../statistics/uneven-tail.ts'
import { rowsIn } from './sides.ts'

/** What the rows of one side are worth: by how much more its shares vary than those of as many independent rows. */
export interface RowWorth {
  /** Design effect of cell shares, at least 1: so many rows count as one. */
  readonly shares: number
  /** The mean square of the eigenvalues behind `shares`, over the square of `shares`; 1 when all are alike. */
  readonly uneven: number
  /** Design effect of cumulative shares. */
  readonly cumulative: number
  /** Design effect of the share of nulls. */
  readonly nulls: number
  /** Design effect of the share of NaN and ±Infinity. */
  readonly nonFinite: number
  /** Degrees of freedom that these estimates have; Infinity when nothing was estimated. */
  readonly degrees: number
}

/** What is compared. */
export type WorthOf = 'shares' | 'cumulative' | 'nulls' | 'nonFinite'

/** Both sides of a comparison. */
export interface Dependence {
  readonly reference: RowWorth
  readonly current: RowWorth
  /**
   * Degrees of freedom of both together, where both were estimated from the same groups: the reference's own windows. That windows
   * seem not to differ is then an estimate, too.
   */
  readonly degrees?: number
}

/** The logarithm of about the smallest double: how small a chance is that was rounded to 0. */
const LEAST_LOG_P = -700

const ALONE: RowWorth = { shares: 1, uneven: 1, cumulative: 1, nulls: 1, nonFinite: 1, degrees: Infinity }

/** Every row counts as one. */
export const INDEPENDENT: Dependence = { reference: ALONE, current: ALONE }

/** Rows that vary as much as the given ones, if those were independent. */
export function effectiveRows(rows: number, worth: RowWorth, of: WorthOf): number {
  return rows / worth[of]
}

/**
 * The two-sample χ² of dependent rows: counts are scaled to effective rows, and the law is that of squares which weigh unevenly, as
 * far as the design effects of the cells differ, with as long a tail as that allows. Cells are pooled by their rows before, not by
 * their effective rows: what several cells have in common is measured over all of them.
 *
 * The p is of the likelihood ratio. A day that all rows share moves them together, by s: the likelihood ratio is s² then, as the
 * law wants it, but Pearson's statistic grows as s² + s⁴/2, and two to three times as many days as α would be called changed.
 *
 * The F has as many degrees of the denominator as groups show, not that times the cells (Thomas and Rao): cells that move together
 * are estimated once. With twelve groups on each side their law has tails five times as heavy as it says at 0.1 %.
 *
 * Source: Rao and Scott (1984), second order; Thomas and Rao, "Small-Sample Comparisons of Level and Power" (1987).
 */
export function dependentChiSquare(pooled: PooledCells, dependence: Dependence): ChiSquareTest {
  const { reference, current } = dependence
  const then = pooled.reference.map((count) => count / reference.shares)
  const now = pooled.current.map((count) => count / current.shares)
  const scaled = chiSquareTest(then, now, { minimumExpected: 0 })
  if (isIndependent(dependence) || !(scaled.degrees > 0)) return scaled
  const n = rowsIn(pooled.reference)
  const m = rowsIn(pooled.current)
  const weight = (m * reference.shares) / (m * reference.shares + n * current.shares)
  const uneven = (weight * Math.sqrt(reference.uneven) + (1 - weight) * Math.sqrt(current.uneven)) ** 2
  const known = degreesOf(dependence, weight)
  const logP = logUnevenTail(gTest(then, now).statistic, scaled.degrees, uneven, known)
  return { ...scaled, p: Math.exp(logP), logP }
}

/** The natural logarithm of a p that was computed from effective rows, with what is not known of them. */
export function dependentLogP(logP: number, dependence: Dependence, of: WorthOf, n: number, m: number): number {
  const { reference, current } = dependence
  const weight = (m * reference[of]) / (m * reference[of] + n * current[of])
  return withEstimatedSpread(Math.max(LEAST_LOG_P, logP), degreesOf(dependence, weight))
}

export function isIndependent({ reference, current, degrees }: Dependence): boolean {
  return reference === ALONE && current === ALONE && degrees === undefined
}

/** Satterthwaite's degrees of a sum of two estimated variances. */
function degreesOf({ reference, current, degrees = Infinity }: Dependence, weight: number): number {
  const known = weight ** 2 / reference.degrees + (1 - weight) ** 2 / current.degrees
  return Math.max(1, Math.min(degrees, known === 0 ? Infinity : 1 / known))
}
