import { chiSquareTest } from '../../statistics/chi-square-test.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { MetricKind } from '../metric-kind.ts'
import { emptySide, rowsIn, type CategorySides } from '../sides.ts'

/** Cramér's V of two lists of counts with its two-sample χ² p; its expectation under no change, df/N, is taken off V². */
export const chiSquare: MetricKind<'chiSquare'> = {
  name: 'chiSquare',
  word: 'Cramér V',
  measure: { category: measure },
  tests: ['category'],
  madeOf: 'counts',
}

function measure({ reference, current }: CategorySides): Measurement {
  const n = rowsIn(reference)
  const m = rowsIn(current)
  const empty = emptySide(n, m)
  if (empty !== null) return notDefined(empty)
  const test = chiSquareTest(reference, current)
  return measured(test.cramersV, {
    effect: Math.sqrt(Math.max(0, (test.statistic - test.degrees) / (n + m))),
    noise: Math.sqrt(test.degrees / (n + m)),
    p: test.p,
    logP: test.logP,
  })
}
