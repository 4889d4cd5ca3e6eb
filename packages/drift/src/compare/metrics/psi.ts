import type { ChiSquareTest } from '../../statistics/chi-square-test.ts'
import { poolNeighbours } from '../../statistics/pool-neighbours.ts'
import { poolCells } from '../../statistics/pool-cells.ts'
import { populationStability, populationStabilityNoise } from '../../statistics/population-stability.ts'
import { smoothedShares } from '../../statistics/shares.ts'
import { dependentChiSquare, effectiveRows } from '../dependence.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { DecidingMetricKind } from '../metric-kind.ts'
import { emptySide, rowsIn, type CellSides } from '../sides.ts'

/**
 * Population stability index over reference bins, half a count added to each that is not empty on both sides. Its p is the
 * two-sample χ² of the same bins, which the index equals up to the factor 1/n + 1/m when nothing changed.
 */
export const psi: DecidingMetricKind<'psi'> = {
  name: 'psi',
  word: 'PSI',
  measure: {
    number: (sides) => measure(sides, testOfNeighbours(sides)),
    category: (sides) =>
      measure(sides, dependentChiSquare(poolCells(sides.reference, sides.current), sides.dependence)),
  },
  decides: { kinds: ['number'], floor: { warn: 0.1, crit: 0.25 }, squared: true },
  tests: ['number'],
  madeOf: 'counts',
}

function measure({ reference, current, dependence }: CellSides, test: ChiSquareTest): Measurement {
  const n = rowsIn(reference)
  const m = rowsIn(current)
  const empty = emptySide(n, m)
  if (empty !== null) return notDefined(empty)
  const occupied = (_: number, bin: number): boolean => (reference[bin] ?? 0) + (current[bin] ?? 0) > 0
  const [then, now] = [reference.filter(occupied), current.filter(occupied)]
  const value = populationStability(smoothedShares(then), smoothedShares(now))
  const noise = populationStabilityNoise(
    effectiveRows(n, dependence.reference, 'shares'),
    effectiveRows(m, dependence.current, 'shares'),
    then.length,
  )
  return measured(value, { effect: Math.max(0, value - noise), noise, p: test.p, logP: test.logP })
}

/** Bins that are too thin for the test are pooled with their neighbours, because numbers have an order. */
function testOfNeighbours({ reference, current, dependence }: CellSides): ChiSquareTest {
  return dependentChiSquare(poolNeighbours(reference, current), dependence)
}
