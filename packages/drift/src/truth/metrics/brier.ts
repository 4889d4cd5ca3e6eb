import { sql } from '@martlet/warehouse'
import { one, p, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The mean squared distance of chances from what happened. */
export const brier: TruthMetric<'brier'> = {
  name: 'brier',
  word: 'Brier score',
  tasks: ['binary'],
  better: 'lower',
  isShare: false,
  decides: false,
  floor: { warn: 0.1, crit: 0.25, of: 'reference' },
  influence: (of) => ratioInfluence(of, { over: sql`(${p} - ${y}) * (${p} - ${y})`, under: one }),
}
