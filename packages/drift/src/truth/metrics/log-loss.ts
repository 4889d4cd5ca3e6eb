import { sql } from '@martlet/warehouse'
import { clamped, one, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The mean of −ln of the chance that was given to what happened; chances are kept 1e-15 away from 0 and 1. */
export const logLoss: TruthMetric<'logLoss'> = {
  name: 'logLoss',
  word: 'log loss',
  tasks: ['binary'],
  better: 'lower',
  isShare: false,
  decides: true,
  floor: { warn: 0.1, crit: 0.25, of: 'reference' },
  influence: (of) =>
    ratioInfluence(of, {
      over: sql`-LN(CASE WHEN ${y} = 1 THEN ${clamped(of.leaves)} ELSE 1 - ${clamped(of.leaves)} END)`,
      under: one,
    }),
}
