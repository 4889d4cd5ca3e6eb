import { chiSquareTest } from '../../statistics/chi-square-test.ts'
import { poolCells } from '../../statistics/pool-cells.ts'
import { dependentChiSquare, effectiveRows } from '../dependence.ts'
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

function measure(sides: CategorySides): Measurement {
  const { reference, current, dependence } = sides
  const n = rowsIn(reference)
  const m = rowsIn(current)
  const empty = emptySide(n, m)
  if (empty !== null) return notDefined(empty)
  const pooled = poolCells(reference, current)
  const { cramersV } = chiSquareTest(pooled.reference, pooled.current, { minimumExpected: 0 })
  const test = dependentChiSquare(pooled, dependence)
  const rows = effectiveRows(n, dependence.reference, 'shares') + effectiveRows(m, dependence.current, 'shares')
  return measured(cramersV, {
    effect: Math.sqrt(Math.max(0, (test.statistic - test.degrees) / rows)),
    noise: Math.sqrt(test.degrees / rows),
    p: test.p,
    logP: test.logP,
  })
}
