import { expect, it } from 'vitest'
import { estimatedMetric } from '../../src/estimate/estimated-metric.ts'

it('the Brier score of several classes goes up to 2', () => {
  const given = { sampling: 0.05, unsteady: null, reference: 0.6, realised: null }
  const { value, high, change } = estimatedMetric({ ...given, metric: 'brier', value: 1.3 })
  expect(value).toBe(1.3)
  expect(high).toBeCloseTo(1.398, 3)
  expect(change).toBe('worse')
  expect(estimatedMetric({ ...given, metric: 'auc', value: 0.98 }).high).toBe(1)
})
