import type { ClassifierMetric } from './classifier/classifier-metrics.ts'
import type { LossMetric } from './loss/loss-calibration.ts'

export type EstimatedMetricName = ClassifierMetric | LossMetric

/** What one metric probably is in a window whose labels are not known yet. */
export interface EstimatedMetric {
  readonly metric: EstimatedMetricName
  /** Null where it is not defined, as precision where nothing was predicted. */
  readonly value: number | null
  /** What it will turn out to be lies in here for about 19 of 20 windows, as long as the assumption holds. */
  readonly low: number | null
  readonly high: number | null
  /** On the reference, from its labels. */
  readonly reference: number | null
  /** By the window's labels, when at least half of its rows have one; null otherwise. */
  readonly realised: number | null
  /** Compared with the reference, beyond the band. */
  readonly change: 'better' | 'worse' | 'same' | 'unknown'
}

/** Whether what the estimate rests on agrees with labels that are known by now. */
export interface AssumptionCheck {
  readonly verdict: 'holds' | 'broken' | 'untested'
  /** Rows with labels that it was tested on. */
  readonly rows: number
  /** The chance of a gap as large as that when the assumption holds; null when it is untested. */
  readonly p: number | null
  /** How far what was expected is from what the labels say: of the chance of a class, or as a share of the loss. */
  readonly gap: number | null
  readonly sentence: string
}

/** The estimated performance of one window `[from, to)`; both null when all rows were one window. */
export interface PerformanceEstimate {
  readonly from: string | null
  readonly to: string | null
  /** Rows with a usable prediction. */
  readonly rows: number
  /** Rows without one. */
  readonly unscored: number
  /** `estimated`; `doubtful` when something that it rests on is not so, see `reasons`; `unknown` when there is no estimate. */
  readonly status: 'estimated' | 'doubtful' | 'unknown'
  readonly reasons: readonly string[]
  readonly metrics: readonly EstimatedMetric[]
  readonly assumption: AssumptionCheck
  readonly sentence: string
}

/** Whether a higher value of a metric is a better one. */
export function higherIsBetter(metric: EstimatedMetricName): boolean {
  return !['logLoss', 'brier', 'mae', 'rmse'].includes(metric)
}
