import { sql } from '@martlet/warehouse'
import type { EventValue } from '../../define/expressions/event-row.ts'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { orderedOnly } from './column-families.ts'
import type { Ordered, OrderedColumn, Ordering, ValueOf } from './typed-columns.ts'

const cannot = 'it has no maximum'

export interface Max<R> {
  /** Null in an empty window. */
  max<C extends OrderedColumn<R> = never, V extends Ordering | null = never>(
    column: Ordered<R, C, typeof cannot> | EventValue<R, V>,
  ): Aggregate<ValueOf<R, C> | NonNullable<NoInfer<V>> | null, R>
}

export const max: AggregateKind = {
  name: 'max',
  arity: 1,
  empty: null,
  continuous: true,
  refuses: orderedOnly(cannot),
  type: (column) => column,
  plain: (group, x) => group.aggregate(sql`MAX(${x.sql})`),
  merged: {
    by: 'moments',
    edges: 'lifetime',
    needs: () => ['max'],
    value: (window) => window.merged('max'),
  },
}
