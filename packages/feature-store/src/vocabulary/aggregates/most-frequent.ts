import type { EventValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import type { AnyColumn, Present, ValueOf } from './typed-columns.ts'

export interface MostFrequent<R> {
  /** The value that most events have; of several the one seen last. Null in an empty window. */
  mostFrequent<C extends AnyColumn<R> = never, V = never>(
    column: Present<R, C> | EventValue<R, V>,
  ): Aggregate<ValueOf<R, C> | NonNullable<NoInfer<V>> | null, R>
}

export const mostFrequent: AggregateKind = {
  name: 'mostFrequent',
  arity: 1,
  empty: null,
  counted: true,
  type: (column) => column,
  plain: (group, x) => group.mostFrequent(x),
}
