import { sql } from '@martlet/warehouse'
import { p, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** By how much predictions are too high, as a share of the sum of what happened. */
export const relativeBias: TruthMetric<'relativeBias'> = {
  name: 'relativeBias',
  word: 'relative bias',
  tasks: ['regression'],
  better: 'near zero',
  isShare: false,
  decides: true,
  floor: { warn: 0.05, crit: 0.15, of: 'points' },
  influence: (of) => ratioInfluence(of, { over: sql`${p} - ${y}`, under: sql`ABS(${y})` }),
}
