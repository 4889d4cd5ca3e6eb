import type { ClassifierCalibration } from './classifier/classifier-calibration.ts'
import type { LossCalibration } from './loss/loss-calibration.ts'

/** What estimates rest on; kept with a profile. */
export type PerformanceCalibration = ClassifierCalibration | LossCalibration

/** The columns that rows must have to be estimated. */
export function estimatedColumns(calibration: PerformanceCalibration): readonly string[] {
  return calibration.kind === 'classifier'
    ? calibration.classes.map(({ score }) => score)
    : calibration.features.map(({ name }) => name)
}
