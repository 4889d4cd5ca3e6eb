import { studentQuantile } from '../statistics/student.ts'
import { significant } from '../verdict/stable-number.ts'
import { higherIsBetter, type EstimatedMetric, type EstimatedMetricName } from './performance-estimate.ts'

/** Normal law: half the width of a band that holds 95 %. */
const WIDTH = 1.959963984540054

/** A metric with its band. `steady` is what stretches of the reference were off by beyond chance, over so many of them. */
export function estimatedMetric(given: {
  readonly metric: EstimatedMetricName
  readonly value: number
  /** Standard deviation by chance alone. */
  readonly sampling: number
  readonly unsteady: { readonly blocks: number; readonly spread: number } | null
  readonly reference: number | null
  readonly realised: number | null
}): EstimatedMetric {
  const { metric, value, sampling, unsteady, reference, realised } = given
  const nothing = { metric, value: null, low: null, high: null, reference, realised: orNull(realised) }
  if (!Number.isFinite(value) || !Number.isFinite(sampling)) return { ...nothing, change: 'unknown' }
  const drift = unsteady === null ? 0 : studentQuantile(0.025, Math.max(1, unsteady.blocks - 1)) * unsteady.spread
  const half = Math.sqrt((WIDTH * sampling) ** 2 + drift ** 2)
  // The Brier score of several classes goes up to 2.
  const bounded = higherIsBetter(metric)
  const low = significant(Math.max(0, value - half), 6)
  const high = significant(bounded ? Math.min(1, value + half) : value + half, 6)
  const beyond = reference === null ? null : reference < low ? 'above' : reference > high ? 'below' : 'within'
  const change =
    beyond === null
      ? 'unknown'
      : beyond === 'within'
        ? 'same'
        : (beyond === 'above') === higherIsBetter(metric)
          ? 'better'
          : 'worse'
  return { metric, value: significant(value, 6), low, high, reference, realised: orNull(realised), change }
}

function orNull(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : significant(value, 6)
}
