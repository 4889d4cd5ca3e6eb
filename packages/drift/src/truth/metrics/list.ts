import type { TruthMetric } from '../truth-metric.ts'
import { accuracy } from './accuracy.ts'
import { auc } from './auc.ts'
import { bias } from './bias.ts'
import { brier } from './brier.ts'
import { calibrationError } from './calibration-error.ts'
import { f1 } from './f1.ts'
import { logLoss } from './log-loss.ts'
import { mae } from './mae.ts'
import { precision } from './precision.ts'
import { recall } from './recall.ts'
import { relativeBias } from './relative-bias.ts'
import { rmse } from './rmse.ts'
import { wape } from './wape.ts'

/** The name of a metric of realised performance. */
export type TruthMetricName = (
  | typeof auc
  | typeof logLoss
  | typeof brier
  | typeof calibrationError
  | typeof accuracy
  | typeof precision
  | typeof recall
  | typeof f1
  | typeof mae
  | typeof rmse
  | typeof wape
  | typeof bias
  | typeof relativeBias
)['name']

/** Every metric of realised performance, in the order in which reports show them. */
export const truthMetrics: readonly TruthMetric<TruthMetricName>[] = [
  auc,
  logLoss,
  brier,
  calibrationError,
  accuracy,
  precision,
  recall,
  f1,
  mae,
  rmse,
  wape,
  bias,
  relativeBias,
]
