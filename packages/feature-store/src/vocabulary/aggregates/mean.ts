import { sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import { meanNeeds, plainCount, plainSumDoubt, plainTotal, sumDoubt } from './sum.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'
import { meanOf } from './variance.ts'

const cannot = 'it has no mean'

export interface Mean<R> {
  /** Null in an empty window. */
  mean<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot> | NumberValue<R>): Aggregate<number | null, R>
}

export const mean: AggregateKind = {
  name: 'mean',
  arity: 1,
  empty: null,
  continuous: true,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => group.leaves.divide(plainTotal(group, x), plainCount(group, x)),
  rounding: {
    applies: (type) => type === 'double',
    doubt: plainSumDoubt,
    careful: ({ sum, count }) => sql`(${sum} / ${count})`,
  },
  merged: {
    by: 'moments',
    edges: 'always',
    needs: meanNeeds,
    value: meanOf,
    doubt: sumDoubt,
  },
}
