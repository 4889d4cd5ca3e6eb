import type { NumberValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { Approximation } from '../../define/features/approximation.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import { approximatePercentile, plainPercentile } from './percentile.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no median'
const HALF = { p: 0.5 }

export interface Median<R> {
  /** The middle value, or the mean of the two in the middle; null in an empty window. */
  median<C extends NumberColumn<R>>(
    column: Numeric<R, C, typeof cannot> | NumberValue<R>,
    options?: Approximation,
  ): Aggregate<number | null, R>
}

export const median: AggregateKind = {
  name: 'median',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => plainPercentile(group, x, HALF),
  approximate: (group, x) => approximatePercentile(group, x, HALF),
}
