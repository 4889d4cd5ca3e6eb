import type { Measurement } from './measurement.ts'
import type { MetricName } from './metrics/list.ts'

/** One measured change of one column in one window. */
export interface Metric extends Measurement {
  readonly metric: MetricName
}
