import type { BinnedNumbers } from '../count/binned-column.ts'
import type { NumericProfile } from '../profile/reference-profile.ts'
import type { Dependence } from './dependence.ts'
import type { Distances } from './distances.ts'

/** Counts of the reference and of the current window on the same cells. */
export interface CellSides {
  readonly reference: readonly number[]
  readonly current: readonly number[]
  /** What the rows of both sides are worth. */
  readonly dependence: Dependence
}

/** Both sides of a number column; the cells lie between the reference's deciles. */
export interface NumberSides extends CellSides {
  readonly profile: NumericProfile
  readonly binned: BinnedNumbers
  readonly distances: Distances
  /** The Kolmogorov-Smirnov gap times n·m, counted from rows; null when there are only bins. */
  readonly exactGap: number | null
}

/** Both sides of a category column; cells that are too thin for every metric are pooled. */
export type CategorySides = CellSides

/** Why two samples cannot be compared; null when both have values. */
export function emptySide(n: number, m: number): string | null {
  if (n === 0) return 'the reference has no values'
  return m === 0 ? 'the window has no values' : null
}

/** The rows in a list of cells. */
export function rowsIn(cells: readonly number[]): number {
  return cells.reduce((rows, count) => rows + count, 0)
}
