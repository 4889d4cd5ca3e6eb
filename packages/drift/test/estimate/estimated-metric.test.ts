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

// scipy.stats.t.ppf(0.975, [1, 4, 9])
it.each([
  [2, 12.706204736432095],
  [5, 2.7764451051977987],
  [10, 2.2621571628540993],
])('%i stretches widen the band by %f times their spread', (blocks, width) => {
  const given = { sampling: 0, reference: null, realised: null }
  const { low, high } = estimatedMetric({ ...given, metric: 'mae', value: 100, unsteady: { blocks, spread: 1 } })
  expect(100 - (low ?? 0)).toBeCloseTo(width, 3)
  expect((high ?? 0) - 100).toBeCloseTo(width, 3)
})
