import { lowerBound } from '../distances.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { MetricKind } from '../metric-kind.ts'
import { emptySide, type NumberSides } from '../sides.ts'

/** Wasserstein-1 in the column's own unit: how far values moved on average. Reported, decides nothing. */
export const wasserstein: MetricKind<'wasserstein'> = {
  name: 'wasserstein',
  word: 'Wasserstein',
  measure: { number: measure },
  unit: 'column',
  madeOf: 'sums',
}

function measure(sides: NumberSides): Measurement {
  const reason = emptySide(sides.profile.finite, sides.binned.finite) ?? tooFar(sides)
  return reason === null ? measured(sides.distances.raw, { reason: lowerBound(sides) }) : notDefined(reason)
}

/** Why a distance has no number; null when it has one. */
export function tooFar({ distances }: Pick<NumberSides, 'distances'>): string | null {
  return Number.isFinite(distances.raw) ? null : 'the distance is too large for a double'
}
