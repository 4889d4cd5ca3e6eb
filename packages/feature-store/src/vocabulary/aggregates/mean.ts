import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import { sumNeeds, sumValue } from './sum.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no mean'

export interface Mean<R> {
  /** Null in an empty window. */
  mean<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): Aggregate<number | null, R>
}

export const mean: AggregateKind = {
  name: 'mean',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => group.aggregate(sql`AVG(${group.leaves.toDouble(x.sql)})`),
  merged: {
    by: 'moments',
    edges: 'always',
    needs: (use) => ['count', ...sumNeeds(use)],
    value: (window) => {
      const count = window.total('count')
      return sql`
        CASE
          WHEN ${count} = 0 THEN NULL
          ELSE ${window.leaves.toDouble(sumValue(window))} / ${count} END
      `
    },
  },
}
