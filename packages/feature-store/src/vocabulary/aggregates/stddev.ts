import { sql } from '@martlet/warehouse'
import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'
import {
  carefulVariance,
  plainVariance,
  plainVarianceDoubt,
  varianceDoubt,
  varianceNeeds,
  varianceValue,
} from './variance.ts'

const cannot = 'it has no standard deviation'

export interface Stddev<R> {
  /** Of the sample (divided by n - 1); null with fewer than two values. */
  stddev<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot> | NumberValue<R>): Aggregate<number | null, R>
}

export const stddev: AggregateKind = {
  name: 'stddev',
  arity: 1,
  empty: null,
  continuous: true,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => sql`SQRT(${plainVariance(group, x)})`,
  rounding: {
    applies: () => true,
    doubt: plainVarianceDoubt,
    careful: (window) => sql`(SQRT(${carefulVariance(window)}) * ${window.reach})`,
  },
  merged: {
    by: 'moments',
    edges: 'never',
    needs: varianceNeeds,
    value: (window) => sql`SQRT(${varianceValue(window)})`,
    doubt: varianceDoubt,
  },
}
