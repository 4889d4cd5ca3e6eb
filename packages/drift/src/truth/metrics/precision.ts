import { sql } from '@martlet/warehouse'
import { oneIf, ratioInfluence, saysYes, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** Of what was predicted to happen, the share that did. */
export const precision: TruthMetric<'precision'> = {
  name: 'precision',
  word: 'precision',
  tasks: ['binary'],
  better: 'higher',
  isShare: true,
  decides: false,
  floor: { warn: 0.05, crit: 0.1, of: 'points' },
  influence: (of) => ratioInfluence(of, { over: sql`${oneIf(saysYes(of))} * ${y}`, under: oneIf(saysYes(of)) }),
}
