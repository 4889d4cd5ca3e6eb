import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'
import { varianceNeeds, varianceValue } from './variance.ts'

const cannot = 'it has no standard deviation'

export interface Stddev<R> {
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  stddev<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): Aggregate<number | null, R>
}

export const stddev: AggregateKind = {
  name: 'stddev',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => group.aggregate(sql`STDDEV_SAMP(${group.leaves.toDouble(x.sql)})`),
  merged: {
    by: 'moments',
    edges: 'always',
    needs: varianceNeeds,
    value: (window) => sql`SQRT(${varianceValue(window)})`,
  },
}
