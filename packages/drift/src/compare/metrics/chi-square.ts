import { chiSquareTest } from '../../statistics/chi-square-test.ts'
import { metric } from '../metric.ts'
import type { Metric } from '../metric.ts'

/** Cramér's V of two lists of counts with its two-sample χ² p; its expectation under no change, df/N, is taken off V². */
export function chiSquare(reference: readonly number[], current: readonly number[]): Metric {
  const total = reference.reduce((sum, count) => sum + count, 0) + current.reduce((sum, count) => sum + count, 0)
  const test = chiSquareTest(reference, current)
  if (Number.isNaN(test.statistic)) return metric('chiSquare', null, { reason: 'one side has no values' })
  return metric('chiSquare', test.cramersV, {
    effect: Math.sqrt(Math.max(0, (test.statistic - test.degrees) / total)),
    noise: Math.sqrt(test.degrees / total),
    p: test.p,
    logP: test.logP,
  })
}
