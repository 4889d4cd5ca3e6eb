import type { EstimatedMetricName } from '../estimate/performance-estimate.ts'

/** Metrics of models in words. */
export const performanceWords: Readonly<Record<EstimatedMetricName, string>> = {
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  auc: 'AUC',
  logLoss: 'log loss',
  brier: 'Brier score',
  mae: 'mean absolute error',
  rmse: 'root mean squared error',
}
