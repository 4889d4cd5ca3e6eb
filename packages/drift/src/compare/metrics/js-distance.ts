import { jensenShannon } from '../../statistics/jensen-shannon.ts'
import { shares } from '../../statistics/shares.ts'
import { effectiveRows } from '../dependence.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { DecidingMetricKind } from '../metric-kind.ts'
import { emptySide, rowsIn, type CellSides } from '../sides.ts'

/**
 * Jensen-Shannon distance to base 2. What chance shows is subtracted inside the root: near no change the divergence is
 * (1/n + 1/m)/(8·ln 2) times a χ² with one degree less than there are cells in use.
 */
export const jsDistance: DecidingMetricKind<'jsDistance'> = {
  name: 'jsDistance',
  word: 'JS distance',
  measure: { number: measure, category: measure },
  decides: { kinds: ['category'], floor: { warn: 0.1, crit: 0.2 } },
  madeOf: 'counts',
}

function measure({ reference, current, dependence }: CellSides): Measurement {
  const n = rowsIn(reference)
  const m = rowsIn(current)
  const empty = emptySide(n, m)
  if (empty !== null) return notDefined(empty)
  const cells = reference.filter((count, cell) => count + (current[cell] ?? 0) > 0).length
  const value = jensenShannon(shares(reference), shares(current))
  const chance =
    1 / effectiveRows(n, dependence.reference, 'shares') + 1 / effectiveRows(m, dependence.current, 'shares')
  const divergence = (chance * Math.max(0, cells - 1)) / (8 * Math.LN2)
  return measured(value, {
    effect: Math.sqrt(Math.max(0, value * value - divergence)),
    noise: Math.min(1, Math.sqrt(divergence)),
  })
}
