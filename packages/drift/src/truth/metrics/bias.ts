import { sql } from '@martlet/warehouse'
import { one, p, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** By how much predictions are too high on average, in the unit of the label. */
export const bias: TruthMetric<'bias'> = {
  name: 'bias',
  word: 'bias',
  tasks: ['regression'],
  better: 'near zero',
  isShare: false,
  decides: false,
  floor: { warn: 0.1, crit: 0.25, of: 'reference' },
  influence: (of) => ratioInfluence(of, { over: sql`${p} - ${y}`, under: one }),
}
