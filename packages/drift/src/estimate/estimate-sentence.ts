import { performanceWords } from '../verdict/performance-words.ts'
import { brief } from '../verdict/wording.ts'
import type { EstimatedMetric, EstimatedMetricName, PerformanceEstimate } from './performance-estimate.ts'

/** What an estimate says, in one sentence about the metrics that matter most. */
export function estimateSentence(
  status: PerformanceEstimate['status'],
  metrics: readonly EstimatedMetric[],
  leading: readonly EstimatedMetricName[],
): string {
  const told = leading.flatMap((name) => {
    const found = metrics.find(({ metric }) => metric === name)
    if (found === undefined || found.value === null) return []
    const { value, low, high, reference, change } = found
    const against =
      reference === null ? '' : `; ${brief(reference)} in the reference${change === 'same' ? '' : `, so ${change}`}`
    return [`${performanceWords[name]} ${brief(value)} (${brief(low ?? value)} to ${brief(high ?? value)}${against})`]
  })
  return `Estimated without labels${status === 'doubtful' ? ', doubtful' : ''}: ${told.join(', ')}.`
}
