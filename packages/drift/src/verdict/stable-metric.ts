import type { Metric } from '../compare/metric.ts'
import { summedUnit } from '../compare/metrics/lookup.ts'
import type { ColumnProfile } from '../profile/reference-profile.ts'
import { millionth, significant } from './stable-number.ts'

/** A metric with the digits that are the same on every run: what is made of counts is exact, what is made of sums is not. */
export function stable(metric: Metric, profile: ColumnProfile): Metric {
  const unit = summedUnit(metric.metric, profile.kind === 'number' ? (profile.robustStd ?? 1) : 1)
  const round = (value: number | null): number | null => {
    if (value === null || !Number.isFinite(value)) return null
    return unit === null ? significant(value, 9) : millionth(value, unit)
  }
  return {
    ...metric,
    value: round(metric.value),
    effect: round(metric.effect),
    noise: round(metric.noise),
    interval: metric.interval === null ? null : [round(metric.interval[0]) ?? 0, round(metric.interval[1]) ?? 0],
    p: round(metric.p),
    logP: round(metric.logP),
  }
}
