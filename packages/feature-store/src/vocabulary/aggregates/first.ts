import type { EventValue } from '../../define/expressions/event-row.ts'
import type { Latest } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import type { AnyColumn, Present, ValueOf } from './typed-columns.ts'

export interface First<R> {
  /** The oldest value; over everything before T unless a window says otherwise. */
  first<C extends AnyColumn<R>>(column: Present<R, C>): Latest<ValueOf<R, C> | null, R>
  first<V>(value: EventValue<R, V>): Latest<NonNullable<V> | null, R>
}

export const first: AggregateKind = {
  name: 'first',
  arity: 1,
  empty: null,
  standsAlone: true,
  type: (column) => column,
  plain: (group, x) => group.oldest(x),
  merged: {
    by: 'moments',
    edges: 'never',
    needs: () => ['oldest'],
    value: (window) => window.merged('oldest'),
  },
}
