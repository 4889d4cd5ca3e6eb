import { shares } from '../statistics/shares.ts'
import { measured, type Measurement } from './measurement.ts'
import type { MetricKind } from './metric-kind.ts'
import { emptySide, rowsIn, type CellSides } from './sides.ts'

type Shares = readonly number[]

/** Measures a distance of shares, on numbers and categories alike; sides without values have nothing to report. */
export function shareDistance(
  distance: (reference: Shares, current: Shares) => number,
  sharesOf: (counts: readonly number[]) => Shares = shares,
): MetricKind['measure'] {
  const measure = ({ reference, current }: CellSides): Measurement | null =>
    emptySide(rowsIn(reference), rowsIn(current)) === null
      ? measured(distance(sharesOf(reference), sharesOf(current)))
      : null
  return { number: measure, category: measure }
}
