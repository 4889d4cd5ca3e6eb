import { sql } from '@martlet/warehouse'
import { p, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The sum of distances as a share of the sum of what happened. */
export const wape: TruthMetric<'wape'> = {
  name: 'wape',
  word: 'weighted absolute percentage error',
  tasks: ['regression'],
  better: 'lower',
  isShare: false,
  decides: false,
  floor: { warn: 0.1, crit: 0.25, of: 'reference' },
  influence: (of) => ratioInfluence(of, { over: sql`ABS(${p} - ${y})`, under: sql`ABS(${y})` }),
}
