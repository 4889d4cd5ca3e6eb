import { sql } from '@martlet/warehouse'
import { one, p, ratioInfluence, y } from '../ratio.ts'
import type { TruthMetric } from '../truth-metric.ts'

/** The root of the mean squared distance, in which large errors count for more. */
export const rmse: TruthMetric<'rmse'> = {
  name: 'rmse',
  word: 'root mean squared error',
  tasks: ['regression'],
  better: 'lower',
  isShare: false,
  decides: false,
  floor: { warn: 0.1, crit: 0.25, of: 'reference' },
  influence: (of) => ratioInfluence(of, { over: sql`(${p} - ${y}) * (${p} - ${y})`, under: one, root: true }),
}
