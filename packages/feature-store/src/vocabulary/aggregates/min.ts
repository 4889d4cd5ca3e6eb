import { sql } from '@martlet/warehouse'
import type { EventValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { orderedOnly } from './column-families.ts'
import type { Ordered, OrderedColumn, Ordering, ValueOf } from './typed-columns.ts'

const cannot = 'it has no minimum'

export interface Min<R> {
  /** Null in an empty window. */
  min<C extends OrderedColumn<R> = never, V extends Ordering | null = never>(
    column: Ordered<R, C, typeof cannot> | EventValue<R, V>,
  ): Aggregate<ValueOf<R, C> | NonNullable<NoInfer<V>> | null, R>
}

export const min: AggregateKind = {
  name: 'min',
  arity: 1,
  empty: null,
  continuous: true,
  refuses: orderedOnly(cannot),
  type: (column) => column,
  plain: (group, x) => group.aggregate(sql`MIN(${x.sql})`),
  merged: {
    by: 'moments',
    edges: 'lifetime',
    needs: () => ['min'],
    value: (window) => window.merged('min'),
  },
}
