import type { ClassCalibration } from './class-calibration.ts'
import type { ClassifierMetric } from './classifier-metrics.ts'

/** How often a classifier's scores came true in the reference; small, and kept with its profile. */
export interface ClassifierCalibration {
  readonly kind: 'classifier'
  readonly label: string
  readonly threshold: number
  /** Rows with a label and a score. */
  readonly rows: number
  /** One class for a classifier of yes and no. */
  readonly classes: readonly ClassCalibration[]
  /** On the reference, by its labels; null where a metric is not defined. */
  readonly performance: Readonly<Record<ClassifierMetric, number | null>>
  /**
   * How far stretches of the reference were from what the others led to expect, beyond what chance explains, as a standard
   * deviation of each metric; null when the reference has no time.
   */
  readonly unsteady: { readonly blocks: number; readonly spread: Readonly<Record<ClassifierMetric, number>> } | null
}
