import { sql } from '@martlet/warehouse'
import { one, p, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The mean distance of predictions from what happened. */
export const mae: TruthMetric<'mae'> = {
  name: 'mae',
  word: 'mean absolute error',
  tasks: ['regression'],
  better: 'lower',
  isShare: false,
  decides: true,
  floor: { warn: 0.1, crit: 0.25, of: 'reference' },
  influence: (of) => ratioInfluence(of, { over: sql`ABS(${p} - ${y})`, under: one }),
}
