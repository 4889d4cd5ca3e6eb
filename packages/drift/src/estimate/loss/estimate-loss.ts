import type { ColumnSpec, Warehouse } from '@martlet/warehouse'
import type { OpenSource } from '../../count/scan-source.ts'
import { estimatedMetric } from '../estimated-metric.ts'
import { estimateSentence } from '../estimate-sentence.ts'
import { doubts, fewRows, MINIMUM_ROWS, unknownEstimate } from '../estimate-status.ts'
import { newestLabels } from '../newest-labels.ts'
import type { AssumptionCheck, PerformanceEstimate } from '../performance-estimate.ts'
import { checkLoss } from './check-loss.ts'
import type { ExpectedLoss, LossCalibration } from './loss-calibration.ts'
import { scanLosses, type LossSums } from './scan-losses.ts'

/** The expected errors of each window, from what its features are. */
export async function lossEstimates(
  warehouse: Warehouse,
  source: OpenSource,
  calibration: LossCalibration,
  columns: readonly ColumnSpec[],
  spans: readonly Pick<PerformanceEstimate, 'from' | 'to'>[],
): Promise<readonly PerformanceEstimate[]> {
  const counted = await scanLosses(warehouse, source, calibration, columns)
  const assumption = checkLoss(
    calibration,
    newestLabels(counted, ({ labelled }) => labelled),
  )
  return spans.flatMap((span, index) =>
    counted.slice(index, index + 1).map((sums) => estimateOf(calibration, span, sums, assumption)),
  )
}

function estimateOf(
  { absolute, squared, performance: reference }: LossCalibration,
  span: Pick<PerformanceEstimate, 'from' | 'to'>,
  sums: LossSums,
  assumption: AssumptionCheck,
): PerformanceEstimate {
  const { rows, unscored, labelled } = sums
  if (rows < MINIMUM_ROWS) return unknownEstimate(span, { rows, unscored }, fewRows(rows), assumption)
  const mae = sums.absolute / rows
  const rmse = Math.sqrt(sums.squared / rows)
  const error = (loss: ExpectedLoss, mean: number): number =>
    Math.hypot(loss.slopeError * (mean - loss.centre * loss.scale), loss.levelError * mean)
  const known = labelled >= rows / 2
  const metrics = [
    estimatedMetric({
      metric: 'mae',
      value: mae,
      sampling: Math.hypot(Math.sqrt(absolute.noise * sums.absoluteSquares) / rows, error(absolute, mae)),
      unsteady: scaled(absolute.unsteady, mae),
      reference: reference.mae,
      realised: known ? sums.losses / labelled : null,
    }),
    // A root moves by half of the share that its square moves by.
    estimatedMetric({
      metric: 'rmse',
      value: rmse,
      sampling:
        rmse > 0
          ? Math.hypot(Math.sqrt(squared.noise * sums.squaredSquares) / rows, error(squared, rmse * rmse)) / (2 * rmse)
          : 0,
      unsteady: scaled(squared.unsteady, rmse / 2),
      reference: reference.rmse,
      realised: known ? Math.sqrt(sums.squaredLosses / labelled) : null,
    }),
  ]
  const beyondWords = 'have a feature or a prediction outside of what the reference had'
  const reasons = doubts({ rows, unscored, beyond: sums.outside, beyondWords, assumption })
  const status = reasons.length > 0 ? 'doubtful' : 'estimated'
  const sentence = estimateSentence(status, metrics, ['mae', 'rmse'])
  return { ...span, rows, unscored, status, reasons, metrics, assumption, sentence }
}

function scaled(
  unsteady: LossCalibration['absolute']['unsteady'],
  by: number,
): LossCalibration['absolute']['unsteady'] {
  return unsteady === null ? null : { ...unsteady, spread: unsteady.spread * by }
}
