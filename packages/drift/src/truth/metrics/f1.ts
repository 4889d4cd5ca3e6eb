import { sql } from '@martlet/warehouse'
import { oneIf, ratioInfluence, saysYes, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The harmonic mean of precision and recall. */
export const f1: TruthMetric<'f1'> = {
  name: 'f1',
  word: 'F1',
  tasks: ['binary'],
  better: 'higher',
  isShare: true,
  decides: false,
  floor: { warn: 0.05, crit: 0.1, of: 'points' },
  influence: (of) =>
    ratioInfluence(of, { over: sql`2.0 * ${oneIf(saysYes(of))} * ${y}`, under: sql`${oneIf(saysYes(of))} + ${y}` }),
}
