import { chiSquareTest } from '../../statistics/chi-square-test.ts'
import type { ChiSquareTest } from '../../statistics/chi-square-test.ts'
import { poolNeighbours } from '../../statistics/pool-neighbours.ts'
import { populationStability, populationStabilityNoise } from '../../statistics/population-stability.ts'
import { smoothedShares } from '../../statistics/shares.ts'
import { metric } from '../metric.ts'
import type { Metric } from '../metric.ts'

/**
 * Population stability index over reference bins, half a count added to each that is not empty on both sides; its p is the two-sample χ² of the same bins,
 * which the index equals up to the factor 1/n + 1/m when nothing changed. Bins that are too thin for it are pooled: neighbours when the
 * bins are `ordered`, any others.
 */
export function psi(
  reference: readonly number[],
  current: readonly number[],
  bins: 'ordered' | 'unordered' = 'unordered',
): Metric {
  const n = sum(reference)
  const m = sum(current)
  if (n === 0 || m === 0)
    return metric('psi', null, { reason: n === 0 ? 'the reference has no values' : 'the window has no values' })
  const occupied = (_: number, bin: number): boolean => (reference[bin] ?? 0) + (current[bin] ?? 0) > 0
  const [then, now] = [reference.filter(occupied), current.filter(occupied)]
  const value = populationStability(smoothedShares(then), smoothedShares(now))
  const noise = populationStabilityNoise(n, m, then.length)
  const test = bins === 'ordered' ? orderedTest(reference, current) : chiSquareTest(reference, current)
  return metric('psi', value, { effect: Math.max(0, value - noise), noise, p: test.p, logP: test.logP })
}

function orderedTest(reference: readonly number[], current: readonly number[]): ChiSquareTest {
  const pooled = poolNeighbours(reference, current)
  return chiSquareTest(pooled.reference, pooled.current, { minimumExpected: 0 })
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
