import { numbersOf } from '@martlet/example-logistics/model/feature-matrix'
import type { ColumnBatch } from '@martlet/warehouse'

/**
 * What a bank without a model does: payments over web or mobile to somebody new, the more suspicious the larger they are beside what
 * the account usually pays. 0 is everything else.
 */
export function ruleScores(batch: ColumnBatch): Float64Array {
  const [remote, isNew, zscore, percentile] = [
    'payment__remote',
    'payment__new_counterparty',
    'payment__zscore',
    'own_rank__percentile',
  ].map((name) => numbersOf(batch, name))
  return Float64Array.from({ length: batch.rows }, (_, row) => {
    if (remote?.[row] !== 1 || isNew?.[row] !== 1) return 0
    const z = zscore?.[row] ?? Number.NaN
    return 1 + (percentile?.[row] || 0) + (Number.isNaN(z) ? 0 : 1 / (1 + Math.exp(-z)))
  })
}
