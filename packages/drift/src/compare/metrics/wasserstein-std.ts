import { lowerBound, TOO_WIDE } from '../distances.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { MetricKind } from '../metric-kind.ts'
import { emptySide, type NumberSides } from '../sides.ts'
import { tooFar } from './wasserstein.ts'

/** Wasserstein-1 in standard deviations of the reference, which a few extreme values stretch. Reported, decides nothing. */
export const wassersteinStd: MetricKind<'wassersteinStd'> = {
  name: 'wassersteinStd',
  word: 'Wasserstein/σ',
  measure: { number: measure },
  unit: 'σ',
  madeOf: 'sums',
}

function measure(sides: NumberSides): Measurement {
  const { profile, binned, distances } = sides
  const reason = emptySide(profile.finite, binned.finite) ?? tooFar(sides)
  if (reason !== null) return notDefined(reason)
  if (profile.std === null) return notDefined(TOO_WIDE)
  if (profile.std === 0) return notDefined('the reference does not vary: its standard deviation is 0')
  return measured(distances.raw / profile.std, { reason: lowerBound(sides) })
}
