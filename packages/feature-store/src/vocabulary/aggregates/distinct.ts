import type { AnyValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { Approximation } from '../../define/features/approximation.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import type { AnyColumn, Present } from './typed-columns.ts'

export interface Distinct<R> {
  /** The number of different values, exact unless `approximate` is asked for; 0 in an empty window. */
  distinct<C extends AnyColumn<R>>(column: Present<R, C> | AnyValue<R>, options?: Approximation): Aggregate<number, R>
}

export const distinct: AggregateKind = {
  name: 'distinct',
  arity: 1,
  empty: 0,
  type: () => 'bigint',
  plain: (group, x) => group.distinct(x),
  approximate: ({ aggregate, leaves }, x) => aggregate(leaves.approximateDistinct(x.sql)),
  merged: { by: 'changes' },
}
