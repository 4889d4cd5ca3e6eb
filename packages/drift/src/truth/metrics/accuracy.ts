import { hit, one, oneIf, ratioInfluence } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The share of predictions that are what happened. */
export const accuracy: TruthMetric<'accuracy'> = {
  name: 'accuracy',
  word: 'accuracy',
  tasks: ['binary', 'classes'],
  better: 'higher',
  isShare: true,
  decides: false,
  floor: { warn: 0.02, crit: 0.05, of: 'points' },
  influence: (of) => ratioInfluence(of, { over: oneIf(hit(of)), under: one }),
}
