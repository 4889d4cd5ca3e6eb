import { chancesOf, type ClassCalibration } from './class-calibration.ts'
import type { ClassifierCalibration } from './classifier-calibration.ts'
import { classifierMetrics, expectedScores, performanceOf, realisedScores } from './classifier-metrics.ts'
import { estimatedMetric } from '../estimated-metric.ts'
import { estimateSentence } from '../estimate-sentence.ts'
import { doubts, fewRows, MINIMUM_ROWS, unknownEstimate } from '../estimate-status.ts'
import type { AssumptionCheck, PerformanceEstimate } from '../performance-estimate.ts'
import { samplingSpread } from './sampling-spread.ts'
import { byBin, sumOf, type ScoreCounts } from './score-counts.ts'

/**
 * The expected performance of a window, from what its scores are: one count per class of the calibration. `references` are
 * calibrations that might as well have been found, for the band.
 */
export function estimateClassifier(
  calibration: ClassifierCalibration,
  window: Pick<PerformanceEstimate, 'from' | 'to'>,
  counts: readonly ScoreCounts[],
  assumption: AssumptionCheck,
  references: readonly (readonly ClassCalibration[])[],
): PerformanceEstimate {
  const { classes, performance: reference, unsteady } = calibration
  const rows = Math.max(0, ...counts.map((one) => sumOf(one.rows)))
  const unscored = Math.max(0, ...counts.map((one) => one.unscored))
  if (rows < MINIMUM_ROWS) return unknownEstimate(window, { rows, unscored }, fewRows(rows), assumption)
  const expected = performanceOf(
    counts.map((one, index) => expectedScores(one, chancesOf(one, classes[index] ?? { chances: null }))),
  )
  const labelled = Math.min(...counts.map((one) => sumOf(one.labelled)))
  const realised = labelled >= rows / 2 ? performanceOf(counts.map(realisedScores)) : null
  const sampling = samplingSpread(counts, references)
  const metrics = classifierMetrics.map((metric) =>
    estimatedMetric({
      metric,
      value: expected[metric],
      sampling: sampling[metric],
      unsteady: unsteady === null ? null : { blocks: unsteady.blocks, spread: unsteady.spread[metric] },
      reference: reference[metric],
      realised: realised?.[metric] ?? null,
    }),
  )
  const beyond = Math.max(...counts.map((one, index) => outside(one, classes[index]?.rows ?? [])))
  const beyondWords = 'have a score below the least or above the greatest of the reference'
  const reasons = doubts({ rows, unscored, beyond, beyondWords, assumption })
  const status = reasons.length > 0 ? 'doubtful' : 'estimated'
  const sentence = estimateSentence(status, metrics, ['auc', 'f1', 'accuracy'])
  return { ...window, rows, unscored, status, reasons, metrics, assumption, sentence }
}

/** Rows below and above all scores of the reference. */
function outside({ rows }: ScoreCounts, reference: readonly number[]): number {
  const [first, last] = [reference.findIndex((count) => count > 0), reference.findLastIndex((count) => count > 0)]
  return byBin(rows).reduce((sum, count, bin) => sum + (bin < first || bin > last ? count : 0), 0)
}
