import type { EstimatedMetric, EstimatedMetricName, PerformanceEstimate } from '../../estimate/performance-estimate.ts'
import { performanceWords } from '../performance-words.ts'
import { brief } from '../wording.ts'
import type { ColumnResult, Finding } from '../result.ts'
import { atLeast, bySize } from '../severity.ts'

/** A fall of AUC and F1 by so much, and a rise of a loss by such a share of the reference's. */
const FLOORS: Partial<Record<EstimatedMetricName, { readonly warn: number; readonly crit: number }>> = {
  auc: { warn: 0.05, crit: 0.1 },
  f1: { warn: 0.05, crit: 0.15 },
  logLoss: { warn: 0.1, crit: 0.25 },
  mae: { warn: 0.1, crit: 0.25 },
}

/** Metrics that are estimated to be worse than in the reference, beyond their bands and by enough to matter. */
export function estimatedPerformance(estimate: PerformanceEstimate | undefined): readonly Finding[] {
  if (estimate === undefined) return []
  if (estimate.assumption.verdict === 'broken') {
    const { sentence, gap, p } = estimate.assumption
    return [finding('warn', sentence, 0, gap, p)]
  }
  return estimate.metrics.flatMap((metric) => {
    const { value, reference } = metric
    const floor = FLOORS[metric.metric]
    if (metric.change !== 'worse' || floor === undefined || value === null || reference === null) return []
    const size = Math.abs(value - reference) / (metric.metric === 'auc' || metric.metric === 'f1' ? 1 : reference)
    const severity = bySize(size, floor)
    return severity === 'none' ? [] : [finding(severity, sentenceOf(metric), reference, value, null)]
  })
}

function finding(
  severity: Finding['severity'],
  sentence: string,
  reference: number | null,
  current: number | null,
  q: number | null,
): Finding {
  return { kind: 'estimatedPerformance', column: null, severity, sentence, reference, current, q }
}

function sentenceOf({ metric, value, low, high, reference }: EstimatedMetric): string {
  return (
    `Without labels, ${performanceWords[metric]} is estimated at ${brief(value ?? 0)} (${brief(low ?? 0)} to ${brief(high ?? 0)}), ` +
    `against ${brief(reference ?? 0)} in the reference.`
  )
}

/** The estimate, with a word about features that changed: what leads to the outcome at a score may have changed with them. */
export function estimateInDrift(
  estimate: PerformanceEstimate | undefined,
  columns: readonly ColumnResult[],
): PerformanceEstimate | undefined {
  if (estimate === undefined || estimate.status === 'unknown') return estimate
  const changed = columns.filter(({ severity }) => atLeast(severity, 'warn'))
  if (changed.length === 0) return estimate
  const caution =
    `${changed.length} of ${columns.length} columns changed, so rows with the same ` +
    'prediction may not be like those of the reference; the estimate assumes that they come true as often.'
  return { ...estimate, reasons: [...estimate.reasons, caution] }
}
