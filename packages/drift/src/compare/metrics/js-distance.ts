import { jensenShannon } from '../../statistics/jensen-shannon.ts'
import { shares } from '../../statistics/shares.ts'
import { metric } from '../metric.ts'
import type { Metric } from '../metric.ts'

/**
 * Jensen-Shannon distance to base 2. What chance shows is subtracted inside the root: near no change the divergence is
 * (1/n + 1/m)/(8·ln 2) times a χ² with one degree less than there are cells in use.
 */
export function jsDistance(reference: readonly number[], current: readonly number[]): Metric {
  const n = reference.reduce((total, value) => total + value, 0)
  const m = current.reduce((total, value) => total + value, 0)
  if (n === 0 || m === 0)
    return metric('jsDistance', null, { reason: n === 0 ? 'the reference has no values' : 'the window has no values' })
  const cells = reference.filter((count, cell) => count + (current[cell] ?? 0) > 0).length
  const value = jensenShannon(shares(reference), shares(current))
  const divergence = ((1 / n + 1 / m) * Math.max(0, cells - 1)) / (8 * Math.LN2)
  return metric('jsDistance', value, {
    effect: Math.sqrt(Math.max(0, value * value - divergence)),
    noise: Math.min(1, Math.sqrt(divergence)),
  })
}
