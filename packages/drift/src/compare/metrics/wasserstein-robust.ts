import type { NumericProfile } from '../../profile/reference-profile.ts'
import { lowerBound, TOO_WIDE } from '../distances.ts'
import { effectiveRows } from '../dependence.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { DecidingMetricKind } from '../metric-kind.ts'
import { emptySide, type NumberSides } from '../sides.ts'

/** Wasserstein-1 with both sides winsorised at the reference's limits, in winsorised standard deviations. */
export const wassersteinRobust: DecidingMetricKind<'wassersteinRobust'> = {
  name: 'wassersteinRobust',
  word: 'robust Wasserstein',
  measure: { number: measure },
  decides: { kinds: ['number'], floor: { warn: 0.1, crit: 0.3 } },
  unit: 'σ',
  madeOf: 'sums',
}

function measure(sides: NumberSides): Measurement {
  const { profile, binned, distances, dependence } = sides
  const empty = emptySide(profile.finite, binned.finite)
  if (empty !== null) return notDefined(empty)
  const std = profile.robustStd
  if (std === null) return notDefined(TOO_WIDE)
  if (std === 0) return notDefined('the reference does not vary between its 0.5 % and 99.5 % quantiles')
  const value = distances.inside / std
  const n = effectiveRows(profile.finite, dependence.reference, 'cumulative')
  const m = effectiveRows(binned.finite, dependence.current, 'cumulative')
  const noise = (noiseArea(profile) * Math.sqrt(1 / n + 1 / m)) / std
  return measured(value, { effect: Math.max(0, value - noise), noise, reason: lowerBound(sides) })
}

/** `√(2/π) ∫ √(F(1−F)) dx` between the limits: the mean of |F̂ − Ĝ| when nothing changed, apart from √(1/n + 1/m). */
function noiseArea(profile: NumericProfile): number {
  const [low, high] = profile.limits ?? [0, 0]
  let below = 0
  let area = 0
  for (const [bin, count] of profile.counts.entries()) {
    const left = profile.edges[bin - 1]
    const right = profile.edges[bin]
    const middle = (below + count / 2) / profile.finite
    below += count
    if (left === undefined || right === undefined || left < low || right > high) continue
    area += Math.sqrt(Math.max(0, middle * (1 - middle))) * (right - left)
  }
  return Math.sqrt(2 / Math.PI) * area
}
