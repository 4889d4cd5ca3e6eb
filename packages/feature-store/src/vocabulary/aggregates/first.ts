import type { EventValue } from '../../define/expressions/event-row.ts'
import type { Latest } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import type { AnyColumn, Present, ValueOf } from './typed-columns.ts'

export interface First<R> {
  /** The oldest value; over everything before T unless a window says otherwise. */
  first<C extends AnyColumn<R> = never, V = never>(
    column: Present<R, C> | EventValue<R, V>,
  ): Latest<ValueOf<R, C> | NonNullable<NoInfer<V>> | null, R>
}

export const first: AggregateKind = {
  name: 'first',
  arity: 1,
  empty: null,
  standsAlone: true,
  continuous: true,
  type: (column) => column,
  plain: (group, x) => group.oldest(x),
  merged: {
    by: 'moments',
    edges: 'never',
    needs: () => ['oldest'],
    value: (window) => window.merged('oldest'),
  },
}
